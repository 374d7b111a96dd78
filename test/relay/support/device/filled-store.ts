/** A store of samples, and what it holds. */
import { SampleStore } from "../../../../relay/store/sample-store.ts";
import type { Observation } from "../../../../relay/store/stored-sample.ts";

export function createStore(limitBytes = 1_000_000): SampleStore {
  return new SampleStore({ limitBytes, processEpoch: "p" });
}

export function seen(value: Observation["value"], more: Partial<Observation> = {}): Observation {
  return { value, atMs: 0, timeSource: "observed", missed: 0, ...more };
}

/** Values 1 to `count`, observed at 10, 20, … ms. */
export function filled(count: number) {
  const store = createStore();
  const start = store.cursor("a");
  for (let n = 1; n <= count; n += 1) store.push("a", seen(n, { atMs: n * 10 }));
  return { store, start };
}

export function valuesOf({ samples }: { samples: readonly { value: unknown }[] }): unknown[] {
  return samples.map(({ value }) => value);
}
