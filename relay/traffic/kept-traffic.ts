/** Counts what goes over the link, and keeps it on disk. */
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { readTraffic, writeTraffic } from "./traffic-file.ts";
import { Traffic, type TrafficNow } from "./traffic.ts";

const MINUTE_MS = 60_000;

export interface KeptTrafficOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What a crash may forget. Each storing wears a gateway's flash. */
  readonly storedEachMinutes: number;
  readonly onMinute?: () => void;
}

export class KeptTraffic {
  readonly counts: Traffic;
  readonly #options: KeptTrafficOptions;
  #minutes = 0;
  #cancel: () => void = () => {};
  #isFailing = false;
  /** Never rejects. */
  #stored: Promise<void> = Promise.resolve();

  private constructor(options: KeptTrafficOptions, counts: Traffic) {
    this.#options = options;
    this.counts = counts;
  }

  static async open(options: KeptTrafficOptions): Promise<KeptTraffic> {
    const { folder, clock, log } = options;
    return new KeptTraffic(options, new Traffic(await readTraffic(folder, log), clock.wallMs()));
  }

  now(): TrafficNow {
    return this.counts.look(this.#options.clock.wallMs());
  }

  /** Looks at the start of each minute of the wall clock, so that no hour gets the previous one's count. */
  start(): void {
    const { clock, storedEachMinutes, onMinute } = this.#options;
    const leftMs = MINUTE_MS - (clock.wallMs() % MINUTE_MS);
    this.#cancel = clock.after(leftMs, () => {
      this.now();
      onMinute?.();
      this.#minutes += 1;
      if (this.#minutes % storedEachMinutes === 0) this.#store();
      this.start();
    });
  }

  async close(): Promise<void> {
    this.#cancel();
    this.now();
    this.#store();
    await this.#stored;
  }

  #store(): void {
    const { folder, log } = this.#options;
    this.#stored = this.#stored
      .then(() => writeTraffic(folder, this.counts.counted))
      .then(() => {
        this.#isFailing = false;
      })
      .catch((error: unknown) => {
        if (!this.#isFailing) log.warn("traffic_not_stored", { reason: String(error) });
        this.#isFailing = true;
      });
  }
}
