import { describe, expect, test } from "vitest";
import { KnownCallers, type Known } from "../../../worker/auth/known-callers.ts";

function known(team: string, expiresAtMs = Infinity): Known {
  return {
    principal: { id: "ann", team, scopes: ["aimdb:read"], rightsVersion: 1 },
    expiresAtMs,
  };
}

function bench(answer: Known | undefined = known("a")) {
  const clock = { nowMs: 0, asked: 0 };
  const uses: [string, boolean][] = [];
  const callers = new KnownCallers(
    () => clock.nowMs,
    (team, isHit) => uses.push([team, isHit]),
  );
  const ask = () => {
    clock.asked += 1;
    return Promise.resolve(answer);
  };
  const find = (token = "t", from = "net") => callers.find({ token, from }, ask);
  return { callers, clock, uses, ask, find };
}

describe("a known caller", () => {
  test("is asked about once a minute", async () => {
    const { clock, find } = bench();
    await find();
    clock.nowMs = 59_999;
    const within = await find();
    const asked = clock.asked;
    clock.nowMs = 60_000;
    await find();

    expect([within, asked, clock.asked]).toEqual([known("a"), 1, 2]);
  });

  test("counts as a use of its team's cache; an invalid one has no team", async () => {
    const { callers, uses, find } = bench();
    await find();
    await find();
    await callers.find({ token: "x", from: "net" }, () => Promise.resolve(undefined));

    expect(uses).toEqual([
      ["a", false],
      ["a", true],
    ]);
  });

  test("is known no longer than its token lasts", async () => {
    const { clock, find } = bench(known("a", 10_000));
    await find();
    clock.nowMs = 10_000;
    await find();

    expect(clock.asked).toBe(2);
  });

  test("is asked about if it comes from elsewhere", async () => {
    const { clock, find } = bench();
    await find("t", "one");
    await find("t", "two");

    expect(clock.asked).toBe(2);
  });

  test("that is not valid is asked about again after five seconds", async () => {
    const { clock, find, callers } = bench();
    const nobody = () =>
      callers.find({ token: "x", from: "net" }, () => Promise.resolve(undefined));
    await nobody();
    const early = await find("x");
    clock.nowMs = 5_000;

    expect([early, await find("x")]).toEqual([undefined, known("a")]);
  });

  test("is forgotten with its team", async () => {
    const { callers, clock, find } = bench();
    await find();
    callers.forget("b");
    await find();
    const asked = clock.asked;
    callers.forget("a");
    await find();

    expect([asked, clock.asked]).toEqual([1, 2]);
  });

  test("is asked about again on demand, and the new answer is what is known then", async () => {
    const { callers, find, clock } = bench();
    await find();
    await callers.renew({ token: "t", from: "net" }, () => Promise.resolve(undefined));

    expect([await find(), clock.asked]).toEqual([undefined, 1]);
  });

  test("is one of ten thousand: the oldest goes", async () => {
    const { clock, find } = bench();
    for (let i = 0; i <= 10_000; i += 1) await find(`t${i}`);
    await find("t1");
    const asked = clock.asked;
    await find("t0");

    expect([asked, clock.asked]).toEqual([10_001, 10_002]);
  });
});
