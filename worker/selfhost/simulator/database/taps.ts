/** The application's own readers: taps, the persistence among them, and the inputs of transforms. */

import type { Reader, Sample } from "./buffer.ts";
import type { HostRecord } from "./record.ts";
import { NOMINAL_STAGE_NS } from "./stage-times.ts";
import type { StageTimes } from "./stage-times.ts";

export type Tap = {
  /** Reads all there is; `false` if there was nothing. */
  readonly run: (nowNs: bigint) => boolean;
};

export type TapEffects = {
  readonly persist: (record: HostRecord, sample: Sample, nowNs: bigint) => void;
  /** Produces on the record that a transform fills. */
  readonly derive: (record: HostRecord, input: Sample, nowNs: bigint) => void;
};

export function createTaps(records: readonly HostRecord[], effects: TapEffects): readonly Tap[] {
  return records.flatMap((record) => [
    ...tapsOf(record, effects),
    ...transformOf(record, records, effects),
  ]);
}

function tapsOf(record: HostRecord, effects: TapEffects): readonly Tap[] {
  const { taps = 0, persisted = false } = record.definition;
  return Array.from({ length: taps }, (_, index) => {
    const stage = record.stages.filter(({ type }) => type === "tap")[index];
    const isLast = index === taps - 1;
    return createTap(record, stage, (sample, nowNs) => {
      record.tapped(sample);
      if (persisted && isLast) effects.persist(record, sample, nowNs);
    });
  });
}

function transformOf(
  record: HostRecord,
  records: readonly HostRecord[],
  effects: TapEffects,
): readonly Tap[] {
  const { origin } = record;
  const input =
    origin.kind === "transform" ? records.find(({ key }) => key === origin.input) : undefined;
  if (input === undefined) return [];
  const stage = record.stages.find(({ type }) => type === "transform");
  return [
    createTap(input, stage, (sample, nowNs) => {
      effects.derive(record, sample, nowNs);
    }),
  ];
}

function createTap(
  record: HostRecord,
  stage: StageTimes | undefined,
  see: (sample: Sample, nowNs: bigint) => void,
): Tap {
  const reader: Reader = record.buffer.open("next");
  return {
    run: (nowNs) => {
      let taken = reader.take();
      if (taken === undefined) return false;
      for (; taken !== undefined; taken = reader.take()) {
        stage?.record(NOMINAL_STAGE_NS);
        see(taken.sample, nowNs);
      }
      return true;
    },
  };
}
