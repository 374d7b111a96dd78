/** What clients do while something goes wrong: write, read and listen without a pause, and keep what they were told. */
import { waitFor } from "../../worker/selfhost/wait-for.ts";
import { EventSource, type ServerEvent } from "../support/event-source.ts";
import type { ConnectedClient } from "../support/mcp.ts";
import { pause } from "../support/pause.ts";
import type { AskedRead, AskedWrite, Heard } from "./ledger.ts";

const PAUSE_MS = 20;

export interface TrafficParts {
  readonly url: URL;
  readonly token: string;
  readonly instance: string;
  readonly connect: () => Promise<ConnectedClient>;
}

interface SentWrite extends AskedWrite {
  readonly callId: string | undefined;
}

export class Traffic {
  readonly #parts: TrafficParts;
  readonly writes: SentWrite[] = [];
  readonly reads: AskedRead[] = [];
  readonly heard: Heard[] = [];
  #isOver = false;
  #loops: Promise<void>[] = [];
  #source: EventSource | undefined;
  #next = 1;

  constructor(parts: TrafficParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loops = [this.#write(), this.#read(), this.#listen()];
  }

  get appliedCount(): number {
    return this.writes.filter(({ outcome }) => outcome === "applied").length;
  }

  get okReads(): number {
    return this.reads.filter(({ outcome }) => outcome === "ok").length;
  }

  /** Until so many more writes, reads and samples came through. */
  async flows(more = 5, withinMs = 60_000): Promise<void> {
    const applied = this.appliedCount + more;
    const reads = this.okReads + more;
    const heard = this.heard.length + more;
    const isFlowing = await waitFor(
      withinMs,
      async () =>
        (this.appliedCount >= applied && this.okReads >= reads && this.heard.length >= heard) ||
        undefined,
    );
    if (isFlowing === undefined) {
      const last = JSON.stringify({ writes: this.writes.slice(-3), reads: this.reads.slice(-3) });
      throw new Error(`Traffic does not flow: ${this.heard.length} heard, ${last}`);
    }
  }

  /** Ends it, and asks of each uncertain write what became of it. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#source?.cut();
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
      this.writes.push({ n, ...told, tookMs: performance.now() - startedMs });
      await pause(PAUSE_MS);
    }
    await client.close().catch(() => {});
  }

  async #read(): Promise<void> {
    const client = await this.#parts.connect();
    while (!this.#isOver) {
      const startedMs = performance.now();
      const asked = { instance: this.#parts.instance, record_name: "app.readonly" };
      const outcome = await client.call("get_record", asked).then(
        ({ json }) => json.error?.code ?? (json.stale === true ? "stale" : "ok"),
        (error: unknown) => String(error),
      );
      this.reads.push({ outcome, tookMs: performance.now() - startedMs });
      await pause(PAUSE_MS);
    }
    await client.close().catch(() => {});
  }

  async #listen(): Promise<void> {
    let lastEventId: string | undefined;
    while (!this.#isOver) {
      const { url, token, instance } = this.#parts;
      const asked = { token, records: [`${instance}/sensor.temp`], presence: false, lastEventId };
      const source = await EventSource.open(url, asked).catch(() => undefined);
      if (source !== undefined) {
        this.#source = source;
        let taken = 0;
        const take = () => {
          for (const event of source.events.slice(taken)) this.#hear(event);
          taken = source.events.length;
        };
        const timer = setInterval(take, PAUSE_MS);
        if (this.#isOver) source.cut();
        await source.ended;
        clearInterval(timer);
        take();
        lastEventId = source.lastEventId ?? lastEventId;
      }
      await pause(PAUSE_MS);
    }
  }

  /** The real host's producer counts: `celsius` is 21.3 and a tenth for each. */
  #hear({ event, data }: ServerEvent): void {
    if (event === "gap") this.heard.push({ type: "gap", reason: String(data["reason"]) });
    if (event !== "sample") return;
    const { celsius } = data["value"] as { celsius: number };
    const counted = (celsius - 21.3) * 10;
    const n = Math.abs(counted - Math.round(counted)) < 0.05 ? Math.round(counted) : counted;
    this.heard.push({ type: "sample", n, epoch: String(data["epoch"]) });
  }
}
