/** A write to a host that was restarted: what its earlier run held decides nothing. */
import { describe, expect, test } from "vitest";
import { configOf } from "../../support/host-side/builders.ts";
import { restart, ring, startHost, VERSIONS, type Version } from "../../support/host-side/host.ts";
import { runInstance, untilDown } from "../../support/host-side/running-instance.ts";
import { until } from "../../support/until.ts";
import { writeOf } from "../../support/worker-side/write-request.ts";

const RECORDS = [ring("log", { writable: true, shape: "json" })];
const READ_NOW = { record: "log", wait_ms: 0, max_samples: 1, max_bytes: 1_000 };

/** Held 1 in its first run; in the second it has produced nothing yet. */
async function restarted(aimx: Version, config = configOf()) {
  const first = await startHost({ aimx, records: RECORDS });
  const running = await runInstance(first, { config });
  const { instance, clock } = running;
  const isKept = (n: number) => {
    const newest = instance.lastReadings().at(-1)?.sample.value;
    return JSON.stringify(newest) === JSON.stringify({ n });
  };
  const subscribed = () => instance.samples(READ_NOW, { signal: new AbortController().signal });
  await subscribed();
  first.produce("log", { n: 1 });
  await until("the sample", () => isKept(1));
  const host = await restart(first, { records: RECORDS });
  await untilDown(running);
  clock.advance(5_000);
  await until("both connections", () => host.connectionCount === 2);
  await subscribed();
  return { instance, host, isKept, sets: () => host.requestCounts.get("record.set") ?? 0 };
}

describe.each(VERSIONS)("a write to a ring of an AimX %s host that was restarted", (aimx) => {
  test("finds nothing of what is expected of its earlier run [J-13]", async () => {
    const { instance, sets } = await restarted(aimx);

    expect(await instance.set("log", writeOf({ n: 2 }, { expected: { n: 1 } }))).toMatchObject({
      outcome: "refused",
      code: "conflict",
    });
    expect(sets()).toBe(0);
  });

  test("is compared with what the host has produced since [J-13]", async () => {
    const { instance, host, isKept } = await restarted(aimx);
    host.produce("log", { n: 5 });
    await until("the sample", () => isKept(5));

    const write = (n: number) => instance.set("log", writeOf({ n: 2 }, { expected: { n } }));
    expect(await write(1)).toMatchObject({ outcome: "refused", code: "conflict" });
    expect(await write(5)).toMatchObject({ outcome: "applied", compared: "not_atomic" });
  });

  test("has no change from its earlier run's value that a bound could allow", async () => {
    const bounded = configOf({
      writableRecords: [{ record: "log", fields: { n: { max_change: 1 } } }],
    });
    const { instance, sets } = await restarted(aimx, bounded);

    expect(await instance.set("log", writeOf({ n: 2 }))).toMatchObject({
      outcome: "refused",
      code: "refused_by_device",
    });
    expect(sets()).toBe(0);
  });

  test("is told by no dry run that it holds what its earlier run held", async () => {
    const { instance } = await restarted(aimx);

    expect(await instance.set("log", writeOf({ n: 2 }, { isDryRun: true }))).toEqual({
      outcome: "checked",
      record_key: "log",
    });
  });

  test("may have another shape than its earlier run had", async () => {
    const { instance } = await restarted(aimx);

    expect(await instance.set("log", writeOf({ text: "on" }))).toMatchObject({
      outcome: "applied",
    });
  });
});
