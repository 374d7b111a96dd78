import { describe, expect, test } from "vitest";
import type { RightsSnapshot } from "../../../../worker/access/rights.ts";
import { Lease } from "../../../../worker/relay/calls/lease.ts";

const snapshot = (version: number, change: Partial<RightsSnapshot> = {}): RightsSnapshot => ({
  version,
  floor: 0,
  changed: {},
  status: "active",
  ...change,
});

const AT_1 = { rightsVersion: 1 };

function bench(ask: () => Promise<RightsSnapshot | null> = () => Promise.resolve(snapshot(1))) {
  const seen: (RightsSnapshot | undefined)[] = [];
  const clock = { nowMs: 0, asked: 0 };
  const lease = new Lease({
    ask: () => {
      clock.asked += 1;
      return ask();
    },
    nowMs: () => clock.nowMs,
    onSnapshot: (news) => seen.push(news),
  });
  return { lease, clock, seen };
}

describe("a lease", () => {
  test("lasts thirty seconds from the question, not from the answer", async () => {
    const { lease, clock } = bench(() => {
      clock.nowMs += 4_000;
      return Promise.resolve(snapshot(1));
    });

    await lease.renew();
    clock.nowMs = 29_999;
    const held = lease.current(AT_1);
    clock.nowMs = 30_000;

    expect(held).toEqual(snapshot(1));
    expect(lease.current(AT_1)).toBeUndefined();
  });

  test("ends if the clock was set back to before its question", async () => {
    const { lease, clock } = bench();
    clock.nowMs = 3_600_000;
    await lease.renew();
    clock.nowMs = 0;

    expect(lease.current(AT_1)).toBeUndefined();
  });

  test("ends with the team's word that it no longer has the relay", async () => {
    const answers = [snapshot(1), null];
    const { lease } = bench(() => Promise.resolve(answers.shift() ?? null));
    await lease.renew();
    await lease.renew();

    expect(lease.current(AT_1)).toBeUndefined();
  });

  test("does not exist before it was asked for", () => {
    expect(bench().lease.current(AT_1)).toBeUndefined();
  });

  test("is not enough for a caller that has seen a newer version", async () => {
    const { lease } = bench();
    await lease.renew();

    expect(lease.current({ rightsVersion: 2 })).toBeUndefined();
  });

  test("is asked for once by simultaneous callers", async () => {
    const { lease, clock } = bench();

    await Promise.all([lease.renew(), lease.renew(), lease.renew()]);

    expect(clock.asked).toBe(1);
  });

  test("takes what the team pushes, which does not extend it", async () => {
    const { lease, clock } = bench();
    await lease.renew();
    clock.nowMs = 20_000;
    lease.push(snapshot(2));
    const held = lease.current(AT_1);
    clock.nowMs = 30_000;

    expect([held?.version, lease.current(AT_1)]).toEqual([2, undefined]);
  });

  test("uses a push that overtook the answer", async () => {
    let answer: (snapshot: RightsSnapshot) => void = () => undefined;
    const { lease, seen } = bench(() => new Promise((resolve) => (answer = resolve)));
    const renewing = lease.renew();
    lease.push(snapshot(2));
    answer(snapshot(1));

    expect(await renewing).toEqual({ ok: true, value: snapshot(2) });
    expect(lease.current(AT_1)?.version).toBe(2);
    expect(seen.map((news) => news?.version)).toEqual([2]);
  });

  test("shows news once, and a status that changed", async () => {
    const { lease, seen } = bench();
    await lease.renew();
    await lease.renew();
    lease.push(snapshot(1, { status: "suspended" }));

    expect(seen.map((news) => news?.status)).toEqual(["active", "suspended"]);
  });

  test("does not exist for a relay that the team no longer has", async () => {
    const { lease, seen } = bench(() => Promise.resolve(null));

    expect(await lease.renew()).toEqual({ ok: true, value: undefined });
    expect(lease.current(AT_1)).toBeUndefined();
    expect(seen).toEqual([undefined]);
  });

  test("that can't be had is a failure, and the next caller asks again", async () => {
    let isDown = true;
    const { lease } = bench(() =>
      isDown ? Promise.reject(new Error("reset")) : Promise.resolve(snapshot(1)),
    );

    expect(await lease.renew()).toMatchObject({
      ok: false,
      error: { code: "policy_unavailable", details: { retry_after_s: 1 } },
    });
    isDown = false;
    expect(await lease.renew()).toEqual({ ok: true, value: snapshot(1) });
  });

  test("of a team that hangs can't be had, and the next caller asks again", async () => {
    const answers = [new Promise<never>(() => {}), Promise.resolve(snapshot(1))];
    const lease = new Lease({
      ask: () => answers.shift() ?? Promise.resolve(null),
      askedWithinMs: 1,
      nowMs: () => 0,
      onSnapshot: () => {},
    });

    expect(await lease.renew()).toMatchObject({ error: { code: "policy_unavailable" } });
    expect(await lease.renew()).toEqual({ ok: true, value: snapshot(1) });
  });
});
