import { expect, test } from "vitest";
import { gapsBefore, RecordHistory } from "../../../relay/store/record-history.ts";
import type { StoredSample } from "../../../relay/store/stored-sample.ts";

function sampleOf(sequence: number, more: Partial<StoredSample> = {}): StoredSample {
  const observed = { value: sequence, atMs: sequence, timeSource: "observed" } as const;
  return { ...observed, missed: 0, sequence, epoch: "p.0", bytes: 10, ...more };
}

function historyOf(count: number): RecordHistory {
  const history = new RecordHistory("p");
  for (let n = 1; n <= count; n += 1) history.add(sampleOf(n));
  return history;
}

const sequencesOf = (samples: readonly StoredSample[]) => samples.map(({ sequence }) => sequence);

test("RecordHistory has what was added and not dropped, however much of either", () => {
  const history = historyOf(0);
  for (let n = 1; n <= 1_000; n += 1) {
    history.add(sampleOf(n));
    if (n % 3 !== 0) history.drop();
  }
  const expected = Array.from({ length: 333 }, (_, i) => 668 + i);

  expect(sequencesOf(history.from(() => true))).toEqual(expected);
  expect(history).toMatchObject({ count: 333, bytes: 3_330 });
  expect(history.oldest?.sequence).toBe(668);
  expect(history.newest?.sequence).toBe(1_000);
});

test("RecordHistory finds samples by what is true from one on", () => {
  const history = historyOf(9);
  for (let n = 0; n < 3; n += 1) history.drop();
  const behind = (n: number) => (sample: StoredSample) => sample.sequence > n;

  expect(sequencesOf(history.from(behind(7)))).toEqual([8, 9]);
  expect(sequencesOf(history.between(behind(2), behind(6)))).toEqual([4, 5, 6]);
  expect(sequencesOf(history.between(behind(6), behind(2)))).toEqual([]);
  expect(sequencesOf(history.from(behind(4), 2))).toEqual([5, 6]);
  expect(sequencesOf(history.between(behind(2), behind(6), 2))).toEqual([4, 5]);
  expect(sequencesOf(history.between(behind(2), behind(6), 9))).toEqual([4, 5, 6]);
  expect(history.lastBefore(behind(6))?.sequence).toBe(6);
  expect(history.lastBefore(behind(1))).toBeUndefined();
});

test("RecordHistory tells how many bytes it gave away", () => {
  expect(historyOf(2).drop()).toBe(10);
});

test("RecordHistory that is empty gives nothing away", () => {
  const history = historyOf(1);
  history.drop();
  expect(history.drop()).toBe(0);
  expect(history).toMatchObject({ count: 0, bytes: 0, oldest: undefined, newest: undefined });
});

test("RecordHistory has another epoch behind each interruption", () => {
  const history = historyOf(1);
  history.interrupt(5);
  expect(history).toMatchObject({ epoch: "p.1", interruptedAtMs: 5 });
  history.interrupt(7);
  expect(history).toMatchObject({ epoch: "p.2", interruptedAtMs: 7 });
});

test.each([
  ["nothing behind the one before", 5, 0, []],
  ["what the relay did not keep", 3, 0, [{ reason: "not_kept", missed: 2 }]],
  ["what the host lost", 3, 2, [{ reason: "lost_at_host", missed: 2 }]],
  [
    "both",
    1,
    1,
    [
      { reason: "not_kept", missed: 3 },
      { reason: "lost_at_host", missed: 1 },
    ],
  ],
  ["no more than there is room for", 4, 9, [{ reason: "lost_at_host", missed: 1 }]],
])("gapsBefore counts %s", (_name, sequence, missed, gaps) => {
  const cursor = { epoch: "p.0", sequence };
  expect(gapsBefore(sampleOf(6, { missed }), cursor)).toEqual(gaps);
});

test("gapsBefore can't count across an interruption", () => {
  expect(gapsBefore(sampleOf(6), { epoch: "p.1", sequence: 1 })).toEqual([
    { reason: "host_reconnected", missed: null },
  ]);
});
