/** The timers of the records that have a source. */

import type { Clock } from "./clock.ts";
import { toMs } from "./clock.ts";
import type { Database } from "./database/database.ts";

export type Producers = { readonly stop: () => void };

export type ProducersParts = {
  readonly database: Database;
  /** 0: nothing is produced unless a test asks for it. */
  readonly periodMs: number;
  readonly clock: Clock;
  readonly onProduced: () => void;
};

/** The first sample of each source is there before anybody can connect. */
export function startProducers(parts: ProducersParts): Producers {
  const { database, periodMs, clock, onProduced } = parts;
  if (periodMs === 0) return { stop: () => {} };
  const timers = database.records.flatMap(({ key, origin }) => {
    if (origin.kind !== "source" || origin.sample === undefined) return [];
    const { sample, everyPeriods = 1 } = origin;
    let n = 0;
    const produce = (): void => {
      const nowNs = clock();
      database.produce(key, sample(n, toMs(nowNs)), nowNs);
      n += 1;
      onProduced();
    };
    produce();
    return [setInterval(produce, periodMs * everyPeriods)];
  });
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
