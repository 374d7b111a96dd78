/**
 * A host's records and what its application does with them. Pure: time arrives as an argument, and
 * the application's readers run only when they are told to.
 */

import { toValue } from "../json/value.ts";
import type { Input, Value } from "../json/value.ts";
import type { Sample } from "./buffer.ts";
import { describeGraph } from "./graph.ts";
import type { GraphTexts } from "./graph.ts";
import { History } from "./history.ts";
import { HostRecord } from "./record.ts";
import type { RecordDefinition } from "./record-definition.ts";
import { createTaps } from "./taps.ts";
import type { Tap } from "./taps.ts";

const NS_PER_MS = 1_000_000n;

export class Database {
  readonly records: readonly HostRecord[];
  readonly history = new History();
  readonly graph: GraphTexts;
  readonly #byKey: ReadonlyMap<string, HostRecord>;
  readonly #taps: readonly Tap[];

  constructor(definitions: readonly RecordDefinition[], startedNs: bigint) {
    this.records = definitions.map((definition, id) => new HostRecord(definition, id, startedNs));
    this.#byKey = new Map(this.records.map((record) => [record.key, record]));
    this.graph = describeGraph(definitions);
    this.#taps = createTaps(this.records, {
      persist: (record, sample, nowNs) => {
        this.#persist(record, sample, nowNs);
      },
      derive: (record, input, nowNs) => {
        this.#derive(record, input, nowNs);
      },
    });
    for (const { key, initial } of definitions) {
      if (initial !== undefined) this.produce(key, initial, startedNs);
    }
  }

  find(key: string): HostRecord | undefined {
    return this.#byKey.get(key);
  }

  /** The application's own production; a value that does not fit the record's type is a bug. */
  produce(key: string, input: Input, nowNs: bigint): void {
    const record = this.#byKey.get(key);
    if (record === undefined) throw new Error(`No record "${key}" in this host`);
    const source = record.stages.find(({ type }) => type === "source");
    if (record.updatedNs !== undefined) source?.record(nowNs - record.updatedNs);
    this.#put(record, toValue(input), nowNs);
  }

  /** Lets the application read; `false` if there was nothing for it. */
  runTaps(nowNs: bigint): boolean {
    let ran = false;
    let isBusy = true;
    while (isBusy) {
      isBusy = this.#taps.map((tap) => tap.run(nowNs)).includes(true);
      ran ||= isBusy;
    }
    return ran;
  }

  resetCounters(): void {
    for (const { counters } of this.records) counters.reset();
  }

  resetStages(): void {
    for (const stage of this.records.flatMap(({ stages }) => stages)) stage.reset();
  }

  #persist(record: HostRecord, sample: Sample, nowNs: bigint): void {
    const storedAtMs = nowNs / NS_PER_MS;
    this.history.store({ record: record.key, storedAtMs, text: sample.sorted });
  }

  #derive(record: HostRecord, input: Sample, nowNs: bigint): void {
    if (record.origin.kind !== "transform") return;
    const output = record.origin.map(input.value);
    if (output !== undefined) this.#put(record, toValue(output), nowNs);
  }

  #put(record: HostRecord, value: Value, nowNs: bigint): void {
    if (!record.write(value, nowNs).ok) {
      throw new Error(`The value does not fit ${record.definition.typeName}`);
    }
  }
}
