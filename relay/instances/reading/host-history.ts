/**
 * What a host's own persistence holds of a record, read from the newest on, over a connection of its own: hosts answer
 * one request at a time, and a query may take seconds.
 */
import type { Query, StoredValue } from "#shared/aimx/answers.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Clock } from "../../clock.ts";
import type { Persistence } from "../capabilities.ts";
import type { HistorySink } from "./history-points.ts";
import type { HostCallFailure, HostClose } from "../host/host-connection.ts";
import { describeClose } from "../host/host-failure.ts";
import type { IdleLane } from "../host/idle-lane.ts";

/** How long one call begins queries. Each then has a host's five seconds, and the caller gives up a little later. */
const QUERIES_WITHIN_MS = 8_000;

/** Rows of one query. An answer of more than 4 MiB ends the connection, and is asked for in smaller parts. */
const PAGE_ROWS = 1_000;
const SMALLER_PAGE = 10;

/** How many rows one call reads to make buckets. */
const MAX_ROWS = 50_000;

/** The last time that a Date can hold. */
const MAX_DATE_MS = 8.64e15;

/** By the host's wall clock, which is the relay's; both ends included. */
export interface WallSpan {
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
}

export interface HostHistory {
  /** How many samples the host has of the span, as far as they were read. */
  readonly count: number;
  /** False: there are more, older ones in the span. */
  readonly isWhole: boolean;
  /**
   * The time of the oldest that the host still has, on the relay's monotonic clock; undefined if it was not looked for.
   */
  readonly oldestAtMs: number | undefined;
}

interface HistoryCall {
  readonly key: string;
  readonly span: WallSpan;
  readonly epoch: string;
  readonly maxRows: number;
  readonly signal: AbortSignal;
}

interface Page {
  readonly key: string;
  readonly span: WallSpan;
  readonly rows: number;
}

export class HostHistoryReader {
  readonly #lane: IdleLane;
  readonly #clock: Clock;
  /** One call's queries at a time: those queued after another's on the connection would time out. */
  #turn: Promise<unknown> = Promise.resolve();
  #persistence: Persistence = "unknown";

  constructor(options: { lane: IdleLane; clock: Clock }) {
    this.#lane = options.lane;
    this.#clock = options.clock;
  }

  get persistence(): Persistence {
    return this.#persistence;
  }

  /** Why not, if the host can't answer. */
  read(call: HistoryCall, sink: HistorySink): Promise<Result<HostHistory, string>> {
    const dueMs = this.#clock.monotonicMs() + QUERIES_WITHIN_MS;
    const done = this.#turn.then(() => new Reading(this, { ...call, dueMs }).run(sink));
    this.#turn = done.catch(() => {});
    return done;
  }

  /**
   * Whether a host that came up has persistence, found out by a query that matches nothing; a host without records has
   * none.
   */
  async probe(rows: readonly RecordRow[]): Promise<Persistence> {
    const key = rows.map(({ record_key }) => record_key).find((name) => !isPattern(name));
    this.#persistence = key === undefined ? "absent" : "unknown";
    if (key === undefined) return "absent";
    await this.page({ key, span: { startMs: 0, endMs: 0 }, rows: 1 });
    this.#lane.closeIfIdle();
    return this.#persistence;
  }

  async page({
    key,
    span: { startMs, endMs },
    rows,
  }: Page): Promise<Result<readonly StoredValue[], HostCallFailure>> {
    const query: Query = {
      pattern: key,
      limit: rows,
      ...(startMs === undefined ? {} : { startMs }),
      ...(endMs === undefined ? {} : { endMs }),
    };
    const asked = await this.#lane.use((connection) =>
      connection.request((dialect) => dialect.query(query)),
    );
    if (!asked.ok) return err({ type: "closed", close: asked.error, sent: false });
    this.#learn(asked.value);
    return asked.value;
  }

  get nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** From the host's wall clock to the relay's monotonic one. */
  get offsetMs(): number {
    return this.#clock.monotonicMs() - this.#clock.wallMs();
  }

  #learn(answer: Result<unknown, HostCallFailure>): void {
    if (answer.ok) this.#persistence = "present";
    else if (isWithout(answer.error)) this.#persistence = "absent";
  }
}

/** One call: page after page, each ending where the previous one began. */
class Reading {
  readonly #reader: HostHistoryReader;
  readonly #call: HistoryCall & { readonly dueMs: number };
  #pageRows: number;
  #count = 0;
  #oldestAtMs: number | undefined;
  /** One offset for the whole call, or the clocks' granularity would show between its values. */
  readonly #offsetMs: number;

  constructor(reader: HostHistoryReader, call: HistoryCall & { dueMs: number }) {
    this.#reader = reader;
    this.#call = call;
    this.#pageRows = Math.min(PAGE_ROWS, call.maxRows);
    this.#offsetMs = reader.offsetMs;
  }

  async run(sink: HistorySink): Promise<Result<HostHistory, string>> {
    const { key, span } = this.#call;
    if (isPattern(key)) return err(PATTERN_KEY);
    if (this.#isOver()) return err(BUSY);
    let endMs = span.endMs;
    for (;;) {
      const page = await this.#page({ ...span, endMs });
      if (!page.ok) return this.#count > 0 ? ok(this.#result(false)) : err(page.error);
      const { rows, nextEndMs } = page.value;
      if (!rows.every((row) => this.#give(row, sink))) return ok(this.#result(false));
      if (nextEndMs === undefined) return this.#finish();
      if (this.#isOver()) return ok(this.#result(false));
      endMs = nextEndMs;
    }
  }

  #give({ value, storedAtMs }: StoredValue, sink: HistorySink): boolean {
    if (this.#count >= MAX_ROWS) return false;
    const atMs = storedAtMs + this.#offsetMs;
    const isTaken = sink.add({
      value,
      atMs,
      timeSource: "host",
      hostTime: new Date(storedAtMs).toISOString(),
      sequence: null,
      epoch: this.#call.epoch,
    });
    if (!isTaken) return false;
    this.#count += 1;
    this.#oldestAtMs = atMs;
    return true;
  }

  #isOver(): boolean {
    return this.#call.signal.aborted || this.#reader.nowMs >= this.#call.dueMs;
  }

  async #page(
    span: WallSpan,
  ): Promise<Result<{ rows: readonly StoredValue[]; nextEndMs: number | undefined }, string>> {
    const asked = { key: this.#call.key, span, rows: this.#pageRows };
    const page = await this.#reader.page(asked);
    if (page.ok) return ok(newestFirst(page.value, asked));
    if (isTooLong(page.error) && this.#pageRows > 1 && !this.#isOver()) {
      this.#pageRows = Math.max(1, Math.floor(this.#pageRows / SMALLER_PAGE));
      return this.#page(span);
    }
    return err(reasonOf(page.error));
  }

  /** The span was read to its beginning. Is there anything before, and of the record at all? */
  async #finish(): Promise<Result<HostHistory, string>> {
    const { span } = this.#call;
    const isAll = span.startMs === undefined || span.startMs <= 0;
    const before = isAll ? undefined : await this.#oneOf({ endMs: (span.startMs ?? 0) - 1 });
    if (this.#count > 0) return ok(this.#result(true, isAll || before === "none"));
    const isStored = before === "some" || (await this.#isAnyBehind());
    return isStored ? ok(this.#result(true, false)) : err(NOTHING_STORED);
  }

  async #isAnyBehind(): Promise<boolean> {
    const { endMs } = this.#call.span;
    return endMs !== undefined && (await this.#oneOf({ startMs: endMs })) === "some";
  }

  async #oneOf(span: WallSpan): Promise<"some" | "none" | "unknown"> {
    if (this.#isOver()) return "unknown";
    const page = await this.#reader.page({ key: this.#call.key, span, rows: 1 });
    if (!page.ok) return "unknown";
    return page.value.some(({ record_key }) => record_key === this.#call.key) ? "some" : "none";
  }

  #result(isWhole: boolean, isOldest = false): HostHistory {
    const oldestAtMs = isOldest ? this.#oldestAtMs : undefined;
    return { count: this.#count, isWhole, oldestAtMs };
  }
}

/**
 * Hosts match with `*`, `#` or, in SQLite, `%`, and have no way to mean the character itself. `_`
 * matches one character there: rows of other keys are left out of the answer.
 */
function isPattern(key: string): boolean {
  return /[*#%]/.test(key);
}

const PATTERN_KEY =
  "The record's key has a character that the host's persistence takes for a wildcard.";
const BUSY = "The host's persistence is busy with other queries.";
const NOTHING_STORED = "The host's persistence holds nothing of this record.";

/**
 * A full page may end amid values of one millisecond: those of its oldest are asked for again. If the whole page is of
 * one millisecond, the rest of it can't be reached.
 */
function newestFirst(
  answer: readonly StoredValue[],
  { key, rows }: Page,
): { rows: readonly StoredValue[]; nextEndMs: number | undefined } {
  const ours = answer
    .filter(({ record_key, storedAtMs }) => record_key === key && isDate(storedAtMs))
    .sort((a, b) => b.storedAtMs - a.storedAtMs);
  const oldest = ours.at(-1)?.storedAtMs;
  const isFull = answer.filter(({ record_key }) => record_key === key).length === rows;
  if (!isFull || oldest === undefined) return { rows: ours, nextEndMs: undefined };
  const younger = ours.filter(({ storedAtMs }) => storedAtMs > oldest);
  if (younger.length > 0) return { rows: younger, nextEndMs: oldest };
  return { rows: ours, nextEndMs: oldest > 0 ? oldest - 1 : undefined };
}

function isDate(unixMs: number): boolean {
  return unixMs >= 0 && unixMs <= MAX_DATE_MS;
}

function isWithout(failure: HostCallFailure): boolean {
  const code = failure.type === "host" ? failure.error.code : undefined;
  return code === "not_configured" || code === "unsupported";
}

function isTooLong(failure: HostCallFailure): boolean {
  return failure.type === "closed" && failure.close.reason === "line_too_long";
}

function reasonOf(failure: HostCallFailure): string {
  switch (failure.type) {
    case "host":
      return failure.error.message;
    case "timeout":
      return "The host's persistence did not answer in time.";
    case "closed":
      return closeReason(failure.close);
  }
}

function closeReason(close: HostClose): string {
  return `The connection for queries failed. ${describeClose(close)}`;
}
