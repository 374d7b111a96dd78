import { expect, test } from "vitest";
import { LinkCounts, type RelayCounts } from "../../../../worker/relay/link/link-counts.ts";

function begin() {
  const told: RelayCounts[] = [];
  const waiting: (() => void)[] = [];
  const state = { fails: false };
  const counts = new LinkCounts({
    tell: async (batch) => {
      if (state.fails) throw new Error("the team object was reset");
      told.push(batch);
    },
    after: (_ms, run) => void waiting.push(run),
  });
  const pass = async () => {
    for (const run of waiting.splice(0)) run();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { counts, told, state, pass, waiting };
}

test("what is counted within a second is reported together", async () => {
  const { counts, told, pass, waiting } = begin();
  counts.noteCall("record.get", "ok", 2);
  counts.noteCall("record.get", "ok", 2);
  counts.add("bytes_sent", 10);
  counts.add("bytes_sent", 5);
  expect(waiting).toHaveLength(1);
  await pass();

  expect(told).toMatchObject([
    {
      calls: [{ name: "record.get", outcomes: [{ outcome: "ok", times: 2 }] }],
      link: { bytes_sent: 15 },
    },
  ]);
});

test("nothing is reported twice, and nothing waits if nothing was counted", async () => {
  const { counts, told, pass, waiting } = begin();
  counts.add("bytes_sent", 10);
  await pass();
  expect(waiting).toEqual([]);
  counts.add("bytes_sent", 1);
  await pass();

  expect(told.map(({ link }) => link)).toEqual([{ bytes_sent: 10 }, { bytes_sent: 1 }]);
});

test("what could not be reported goes with the next", async () => {
  const { counts, told, state, pass, waiting } = begin();
  counts.noteCall("record.get", "ok", 2);
  counts.add("bytes_sent", 10);
  state.fails = true;
  await pass();
  expect(waiting).toEqual([]);
  state.fails = false;
  counts.add("bytes_sent", 1);
  await pass();

  expect(told).toMatchObject([{ calls: [{ name: "record.get" }], link: { bytes_sent: 11 } }]);
});
