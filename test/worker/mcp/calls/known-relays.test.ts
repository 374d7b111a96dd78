import { expect, test } from "vitest";
import { KnownRelays } from "../../../../worker/mcp/calls/known-relays.ts";

const GW = { team: "a", name: "gw" };

function bench(answer: string | null = "object") {
  const clock = { nowMs: 0, asked: 0 };
  const uses: [string, boolean][] = [];
  const relays = new KnownRelays(
    () => clock.nowMs,
    (team, isHit) => uses.push([team, isHit]),
  );
  const find = (relay = GW) =>
    relays.find(relay, () => {
      clock.asked += 1;
      return Promise.resolve(answer);
    });
  return { relays, clock, uses, find };
}

test("a relay's name is looked up once a minute", async () => {
  const { clock, find } = bench();
  await find();
  clock.nowMs = 59_999;
  await find();
  const asked = clock.asked;
  clock.nowMs = 60_000;

  expect([await find(), asked, clock.asked]).toEqual(["object", 1, 2]);
});

test("each look-up is counted for its team", async () => {
  const { uses, find } = bench();
  await find();
  await find();

  expect(uses).toEqual([
    ["a", false],
    ["a", true],
  ]);
});

test("a name that the team does not have is looked up each time", async () => {
  const { clock, find } = bench(null);

  expect([await find(), await find(), clock.asked]).toEqual([undefined, undefined, 2]);
});

test("the same name in two teams is two relays", async () => {
  const { clock, find } = bench();
  await find();
  await find({ ...GW, team: "b" });

  expect(clock.asked).toBe(2);
});

test("a name that was forgotten is looked up", async () => {
  const { relays, clock, find } = bench();
  await find();
  relays.forget(GW);
  await find();

  expect(clock.asked).toBe(2);
});

test("ten thousand are known, and the oldest goes", async () => {
  const { clock, find } = bench();
  for (let i = 0; i <= 10_000; i += 1) await find({ team: "a", name: `r${i}` });
  await find({ team: "a", name: "r1" });
  const asked = clock.asked;
  await find({ team: "a", name: "r0" });

  expect([asked, clock.asked]).toEqual([10_001, 10_002]);
});
