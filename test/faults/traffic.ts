/** What clients do while something goes wrong: write, read and listen without a pause, and keep what they were told. */
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { EventSource } from "../support/clients/event-source.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { pause } from "../support/pause.ts";
import type { Told } from "./counting.ts";
import { STALE, type AskedRead, type AskedWrite } from "./ledger.ts";
import { COUNTED, countOf, drain, listen, subscribe, type Reading } from "./readers.ts";

const PAUSE_MS = 20;

const READS = [["get_record", "app.readonly"], ["get_record", COUNTED], ["list_records"]] as const;

interface Caller {
  readonly token: string;
  readonly connect: () => Promise<ConnectedClient>;
}

export interface TrafficParts extends Caller {
  readonly url: URL;
  readonly instance: string;
  /** Follows the same record by itself. */
  readonly another?: Caller;
}

interface SentWrite extends AskedWrite {
  readonly callId: string | undefined;
}

/** By a person who was asked about a write. */
export interface Decided {
  /** What they declined never happens, whatever is told. */
  readonly isYes: boolean;
  readonly atMs: number;
}

export class Traffic {
  readonly #parts: TrafficParts;
  readonly writes: SentWrite[] = [];
  readonly reads: AskedRead[] = [];
  /** By who was told. */
  readonly heard: Record<string, Told[]> = {};
  /** What ended a subscription. */
  readonly ended: string[] = [];
  #isOver = false;
  #loops: Promise<void>[] = [];
  readonly #sources = new Map<string, EventSource>();
  #rest: Promise<void> | undefined;
  #next = 1;

  constructor(parts: TrafficParts) {
    this.#parts = parts;
  }

  start(): void {
    const { another, ...parts } = this.#parts;
    const isOver = () => this.#isOver;
    const turn = async () => this.#rest;
    const reading = { ...parts, isOver, turn };
    this.#loops = [
      this.#write(),
      this.#read(),
      ...this.#follow(reading, ""),
      drain(reading, this.#toldTo("drain")),
      ...(another === undefined ? [] : this.#follow({ ...reading, ...another }, "another_")),
    ];
  }

  #toldTo(reader: string): Told[] {
    return (this.heard[reader] = []);
  }

  /** By stream and by subscription. */
  #follow(reading: Reading, prefix: string): Promise<void>[] {
    const stream = `${prefix}stream`;
    return [
      listen(reading, this.#toldTo(stream), (source) => {
        this.#sources.set(stream, source);
        if (this.#isOver || this.#rest !== undefined) source.cut();
      }),
      subscribe(reading, this.#toldTo(`${prefix}subscription`), this.ended),
    ];
  }

  get appliedCount(): number {
    return this.writes.filter(({ outcome }) => outcome === "applied").length;
  }

  get okReads(): number {
    return this.reads.filter(({ outcome }) => outcome === "ok").length;
  }

  /** How many of each came through. */
  get #counts(): Record<string, number> {
    const numbers = (told: readonly Told[]) => told.flatMap((one) => one.numbers).length;
    const heard = Object.entries(this.heard).map(([way, told]) => [way, numbers(told)] as const);
    return { writes: this.appliedCount, reads: this.okReads, ...Object.fromEntries(heard) };
  }

  /** Until so many more writes, reads and samples came through, by each way. */
  async flows(more = 5, withinMs = 60_000): Promise<void> {
    const before = this.#counts;
    const isFlowing = await waitFor(
      withinMs,
      async () =>
        Object.entries(this.#counts).every(([way, count]) => count >= (before[way] ?? 0) + more) ||
        undefined,
    );
    if (isFlowing === undefined) {
      const last = { writes: this.writes.slice(-3), reads: this.reads.slice(-3) };
      const now = { before, after: this.#counts, ...last };
      throw new Error(`Traffic does not flow: ${JSON.stringify(now)}`);
    }
  }

  /** Nobody asks or listens any more until `during` is over; then each goes on where it was. */
  async rests(during: () => Promise<void>): Promise<void> {
    this.#rest = during();
    this.#cutStreams();
    try {
      await this.#rest;
    } finally {
      this.#rest = undefined;
    }
  }

  #cutStreams(): void {
    for (const source of this.#sources.values()) source.cut();
  }

  /** Ends it, and asks of each uncertain write what became of it. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#cutStreams();
    await Promise.all(this.#loops);
    const client = await this.#parts.connect();
    for (const [i, write] of this.writes.entries()) {
      if (write.outcome !== "unknown" || write.callId === undefined) continue;
      const { json } = await client.call("get_write_outcome", { call_id: write.callId });
      this.writes[i] = { ...write, outcome: json.outcome ?? "unknown" };
    }
    await client.close();
  }

  async #write(): Promise<void> {
    const client = await this.#parts.connect();
    while (!this.#isOver) {
      await this.#rest;
      await this.writeBy(client);
      await pause(PAUSE_MS);
    }
    await client.close().catch(() => {});
  }

  /** One write, which is kept with the others. */
  async writeBy(client: ConnectedClient, decided?: () => Decided | undefined): Promise<void> {
    const n = this.#next;
    this.#next += 1;
    const startedMs = performance.now();
    const value = { op: "fault", n };
    const asked = { instance: this.#parts.instance, record_name: "device.command", value };
    const told = await client.call("set_record", asked).then(
      ({ json }) => ({
        outcome: json.outcome ?? "failed",
        code: json.error?.code,
        callId: json.call_id,
      }),
      // The answer itself was lost, as when the worker is killed: nobody was told anything.
      (error: unknown) => ({
        outcome: "unknown" as const,
        code: String(error),
        callId: undefined,
      }),
    );
    const { isYes = true, atMs = startedMs } = decided?.() ?? {};
    const outcome = isYes ? told.outcome : "refused";
    this.writes.push({ n, ...told, outcome, tookMs: performance.now() - atMs });
  }

  /** In turn a record that rests, one that counts, and what there is. */
  async #read(): Promise<void> {
    const client = await this.#parts.connect();
    const { instance } = this.#parts;
    for (let n = 0; !this.#isOver; n += 1) {
      await this.#rest;
      const [tool, record_name] = READS[n % READS.length] ?? READS[0];
      const startedMs = performance.now();
      const told = await client.call(tool, { instance, record_name }).then(
        ({ json }) => ({
          outcome: json.error?.code ?? (json.stale === true ? STALE : "ok"),
          value: json.value,
        }),
        (error: unknown) => ({ outcome: String(error), value: undefined }),
      );
      const { outcome, value } = told;
      const atMs = performance.now();
      const count = record_name === COUNTED && value ? { n: countOf(value) } : {};
      this.reads.push({ outcome, tookMs: atMs - startedMs, atMs, ...count });
      await pause(PAUSE_MS);
    }
    await client.close().catch(() => {});
  }
}
