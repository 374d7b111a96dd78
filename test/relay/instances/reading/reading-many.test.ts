import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import {
  fitting,
  readMany,
  type ReadEntry,
} from "../../../../relay/instances/reading/reading-many.ts";
import type { RecordReading } from "../../../../relay/instances/reading/reading.ts";
import { readCurrent } from "../../../../relay/instances/reading/reading.ts";
import {
  latest,
  mailbox,
  ring,
  startHost,
  VERSIONS,
  type HostOptions,
} from "../../support/host-side/host.ts";
import { until } from "../../support/until.ts";
import { watchHost } from "../../support/host-side/watched-host.ts";

const RECORDS = [
  ring("r"),
  latest("a", { initial: { n: 1 } }),
  latest("b", { initial: { n: 2 } }),
  latest("empty"),
  mailbox("command"),
];

async function begin(aimx: HostOptions["aimx"], maxSubscriptions = 8, timeoutMs = 5_000) {
  const host = await startHost({ aimx, records: RECORDS, config: { maxSubscriptions } });
  const watched = await watchHost(host);
  const { context, calls, view } = watched;
  const asked: string[] = [];
  const many = (names: readonly string[]) =>
    readMany(context, {
      view,
      names,
      timeoutMs,
      read: async (row, leftMs) => {
        asked.push(row.record_key);
        const current = await readCurrent(context, calls, row, leftMs);
        if (!current.ok) return current;
        return ok({ recordKey: row.record_key, loss: "counted", sample: current.value });
      },
    });
  return { ...watched, host, many, asked };
}

function shortOf(entries: readonly ReadEntry[]) {
  return entries.map(({ name, reading }) => [
    name,
    reading.ok ? reading.value.sample.value : reading.error.code,
  ]);
}

describe.each(VERSIONS)("readMany on an AimX %s host", (aimx) => {
  test("gives each record as it would alone, in the order asked [Q-5]", async () => {
    const { many } = await begin(aimx);
    expect(shortOf(await many(["b", "none", "host::a", "empty", "b"]))).toEqual([
      ["b", { n: 2 }],
      ["none", "unknown_record"],
      ["host::a", { n: 1 }],
      ["empty", "no_value"],
      ["b", { n: 2 }],
    ]);
  });

  test("lets records that are not observed take turns", async () => {
    const { many } = await begin(aimx, 2);
    const entries = await many(["a", "b", "a"]);
    expect(shortOf(entries)).toEqual([
      ["a", { n: 1 }],
      ["b", { n: 2 }],
      ["a", { n: 1 }],
    ]);
  });
});

test("readMany does not wait for more than there is time", async () => {
  const { many, context, asked } = await begin("3.0", 1, 1_000);
  const { clock } = context;
  const entries = many(["r", "a"]);
  await until("the wait for the ring", () => clock.isDueIn(900));
  clock.advance(900);
  expect(shortOf(await entries)).toEqual([
    ["r", "no_value"],
    ["a", "too_many_subscriptions"],
  ]);
  expect(asked).toEqual(["r"]);
});

function entryOf(name: string, length: number): ReadEntry {
  const sample = { value: "x".repeat(length), atMs: 0, timeSource: "observed" } as const;
  const reading: RecordReading = {
    recordKey: name,
    loss: "counted",
    sample: { ...sample, sequence: 1, epoch: "p.0" },
  };
  return { name, reading: ok(reading) };
}

test("fitting counts what an answer has beside a value", () => {
  const entries = Array.from({ length: 50 }, (_, n) => entryOf(`r${n}`, 2_000));
  const fits = fitting(entries, () => 5_000).filter(({ reading }) => reading.ok);
  expect(fits).toHaveLength(32);
});

test("fitting refuses one by one what does not fit any more [Q-5]", () => {
  const refused: ReadEntry = { name: "d", reading: err(failure("no_value", "none")) };
  const entries = [entryOf("a", 200_000), entryOf("b", 60_000), entryOf("c", 1_000), refused];
  expect(fitting(entries).map(({ reading }) => (reading.ok ? "ok" : reading.error.code))).toEqual([
    "ok",
    "too_large",
    "ok",
    "no_value",
  ]);
});
