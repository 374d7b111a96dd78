import { expect, test } from "vitest";
import { callCountsSchema, CallTally, MAX_NAMES, OTHER_NAME } from "#shared/metrics/call-counts.ts";

const timesOf = (tally: CallTally) =>
  tally.read().flatMap(({ name, outcomes }) => outcomes.map((one) => ({ name, ...one })));

test("calls are counted by name and outcome", () => {
  const tally = new CallTally();
  tally.note("get_record", "ok", 3);
  tally.note("get_record", "ok", 4);
  tally.note("get_record", "relay_offline", 1);

  expect(timesOf(tally)).toEqual([
    { name: "get_record", outcome: "ok", times: 2 },
    { name: "get_record", outcome: "relay_offline", times: 1 },
  ]);
  expect(tally.read()[0]?.durations.sumMs).toBe(8);
});

test("what was taken is not there any more, and can be added again", () => {
  const tally = new CallTally();
  tally.note("get_record", "ok", 3);
  const taken = tally.take();

  expect(tally.read()).toEqual([]);
  tally.note("get_record", "ok", 3);
  tally.add(taken);
  expect(timesOf(tally)).toEqual([{ name: "get_record", outcome: "ok", times: 2 }]);
});

test("what was read stays as it was when more is counted", () => {
  const tally = new CallTally();
  tally.note("a", "ok", 1);
  const before = tally.read();
  tally.note("a", "ok", 1);

  expect(before[0]?.outcomes).toEqual([{ outcome: "ok", times: 1 }]);
  expect(before[0]?.durations.sumMs).toBe(1);
});

test("more names than there can be are counted as one", () => {
  const tally = new CallTally();
  for (let n = 0; n < 1_000; n += 1) tally.note(`name-${n}`, "ok", 1);

  const names = tally.read().map(({ name }) => name);
  expect(names).toHaveLength(MAX_NAMES + 1);
  expect(timesOf(tally).find(({ name }) => name === OTHER_NAME)?.times).toBe(1_000 - MAX_NAMES);
});

test("more outcomes than there can be are counted as one", () => {
  const tally = new CallTally();
  for (let n = 0; n < 1_000; n += 1) tally.note("a", `outcome-${n}`, 1);

  const times = timesOf(tally).map(({ times }) => times);
  expect(times.length).toBeLessThan(100);
  expect(times.reduce((a, b) => a + b, 0)).toBe(1_000);
});

test("counts survive being stored", () => {
  const tally = new CallTally();
  tally.note("a", "ok", 7);
  const stored = callCountsSchema.parse(JSON.parse(JSON.stringify(tally.read())));
  const other = new CallTally();
  other.add(stored);

  expect(other.read()).toEqual(tally.read());
});
