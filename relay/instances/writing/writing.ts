/**
 * Writing one record, at most once. AimX can't tell a write that was lost from one that was done, so nothing here is
 * ever repeated, and what can't be known is reported as `unknown`. An intent is on disk before the write leaves, its
 * outcome before it is reported.
 */
import { failure, type Failure } from "#shared/failure.ts";
import { isEchoOf } from "#shared/json/f32.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { RateLimit } from "#shared/access/rate-limit.ts";
import { decideWrite, isApproved, type WriteDecision } from "../../access/write-policy.ts";
import type { CatalogView } from "../catalog.ts";
import type { InstanceContext } from "../context.ts";
import type { HostCallFailure, HostConnection } from "../host/host-connection.ts";
import { instanceDown, toFailure } from "../host/host-failure.ts";
import { previousOf, type Previous } from "./previous.ts";
import { ShownValues } from "./shown-values.ts";
import { checkWrite, type Checked, type WriteRequest } from "./write-check.ts";

/** The host has answered, or was not asked. */
interface Asked {
  /** Settles when the outcome may be reported. */
  readonly told: Promise<WriteOutcome>;
}

interface Way {
  readonly connection: HostConnection;
  readonly view: CatalogView;
  /** Another write of the record waits for this one. */
  readonly isFollowed: () => boolean;
}

type Allowed = Extract<WriteDecision, { writable: true }>;

export class Writer {
  readonly #context: InstanceContext;
  /**
   * One write of a record at a time: bounds are checked against what it holds. The next begins when the host has
   * answered, so that its intent reaches the disk together with this one's outcome.
   */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #rates = new Map<string, RateLimit>();
  readonly #shown: ShownValues;

  constructor(context: InstanceContext) {
    this.#context = context;
    this.#shown = new ShownValues(context);
  }

  write(
    connection: HostConnection,
    view: CatalogView,
    request: WriteRequest,
  ): Promise<WriteOutcome> {
    const key = request.row.record_key;
    const before = this.#turns.get(key) ?? Promise.resolve();
    const isFollowed = () => this.#turns.get(key) !== turn;
    const asked = before.then(() => this.#writeNow({ connection, view, isFollowed }, request));
    const turn: Promise<unknown> = asked.catch(() => {});
    this.#turns.set(key, turn);
    void turn.then(() => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    });
    return asked.then(({ told }) => told);
  }

  async #writeNow(way: Way, request: WriteRequest): Promise<Asked> {
    const { connection, view } = way;
    const { name, config } = this.#context;
    const { row, approval, isDryRun } = request;
    const origin = view.graph?.origins.get(row.record_key);
    const decision = decideWrite(config, { instance: name, row, origin });
    if (!decision.writable) {
      const code = decision.refusedBy === "host" ? "refused_by_host" : "refused_by_device";
      return refuse(failure(code, `The record is read-only. ${decision.reason}`));
    }
    if (!isDryRun && !isApproved(config, approval)) return refuse(UNAPPROVED);
    const overRate = this.#overRate(request, decision);
    if (overRate !== undefined) return refuse(overRate);
    const current = { connection, shown: this.#shown };
    const checked = await checkWrite(this.#context, current, decision, request);
    if (!checked.ok) return refuse(checked.error);
    if (isDryRun) return { told: Promise.resolve(toChecked(request, checked.value)) };
    return this.#send(way, request, checked.value);
  }

  /** Between the last look and the send nothing is awaited. */
  async #send(
    { connection, isFollowed }: Way,
    request: WriteRequest,
    checked: Checked,
  ): Promise<Asked> {
    const { journal, catalog, name } = this.#context;
    const { callId, row, value } = request;
    const tooLate = this.#tooLate(request);
    if (tooLate !== undefined) return refuse(tooLate);
    const intent = { id: callId, instance: name, record: row.record_key, value };
    if (!(await journal.begin(intent))) return refuse(NO_JOURNAL);
    const tooLateNow = this.#tooLate(request);
    if (tooLateNow !== undefined) return this.#end(callId, notWritten(tooLateNow));
    const previous = previousOf(this.#context, this.#shown, row, checked.current);
    const noteWritten = this.#shown.write(row, value);
    const echo = await connection.request((d) => d.set(row.record_key, value));
    if (echo.ok) noteWritten();
    catalog.invalidate();
    const outcome = echo.ok
      ? applied(request, { ...checked, previous }, echo.value.value)
      : outcomeOfFailure(echo.error);
    return this.#end(callId, outcome, isFollowed());
  }

  #end(callId: string, outcome: WriteOutcome, isFollowed = false): Asked {
    return { told: this.#context.journal.end(callId, outcome, isFollowed).then(() => outcome) };
  }

  #tooLate({ signal, notAfterMs }: WriteRequest): Failure | undefined {
    if (signal.aborted) {
      return failure("link_lost", "The caller was gone before the write was sent.");
    }
    if (this.#context.clock.monotonicMs() <= notAfterMs) return undefined;
    return EXPIRED;
  }

  #overRate({ row, isDryRun }: WriteRequest, { entries }: Allowed): Failure | undefined {
    const limits = entries.flatMap(({ max_per_minute }) => max_per_minute ?? []);
    if (limits.length === 0) return undefined;
    const nowMs = this.#context.clock.monotonicMs();
    const rate = this.#rates.get(row.record_key) ?? new RateLimit(Math.min(...limits), nowMs);
    this.#rates.set(row.record_key, rate);
    const waitMs = isDryRun ? rate.waitMs(nowMs) : rate.take(nowMs);
    if (waitMs === 0) return undefined;
    return failure("rate_limited", "The device file limits how often this record may be written.", {
      retry_after_s: Math.ceil(waitMs / 1000),
    });
  }
}

const UNAPPROVED = failure(
  "confirmation_required",
  "The device file asks for a confirmation of each write (confirm_writes), and this one has none.",
);
export const NO_JOURNAL = failure(
  "journal_unavailable",
  "The device's journal of writes can't be written, so nothing was changed.",
);

function refuse(reason: Failure): Asked {
  return { told: Promise.resolve(notWritten(reason)) };
}

function toChecked({ row }: WriteRequest, { current, warnings }: Checked): WriteOutcome {
  return {
    outcome: "checked",
    record_key: row.record_key,
    ...(current === undefined ? {} : { current }),
    ...(warnings.length > 0 ? { warnings: [...warnings] } : {}),
  };
}

function applied(
  { row, value }: WriteRequest,
  { compared, warnings, previous }: Checked & { readonly previous: Previous | undefined },
  echo: JsonValue | undefined,
): WriteOutcome {
  return {
    outcome: "applied",
    record_key: row.record_key,
    echo: compare(echo, value),
    ...(compared ? { compared: "not_atomic" } : {}),
    ...(previous === undefined ? {} : { previous }),
    ...(warnings.length > 0 ? { warnings: [...warnings] } : {}),
  };
}

function compare(echo: JsonValue | undefined, value: JsonValue): "same" | "differs" | "absent" {
  if (echo === undefined) return "absent";
  return isEchoOf(echo, value) ? "same" : "differs";
}

/** A host's answer proves that nothing was done; silence after a sent request proves nothing. */
function outcomeOfFailure(callFailure: HostCallFailure): WriteOutcome {
  switch (callFailure.type) {
    case "host":
      return notWritten(toFailure(callFailure));
    case "timeout":
      return unknownWrite(
        "instance_slow",
        "The AimDB process took the write and did not answer in time.",
      );
    case "closed":
      return callFailure.sent
        ? unknownWrite(
            "instance_down",
            "The connection to the AimDB process ended before it answered the write.",
          )
        : notWritten(instanceDown(callFailure.close));
  }
}

export const EXPIRED = failure(
  "expired",
  "The write came too late to be started, so nothing was changed.",
);
