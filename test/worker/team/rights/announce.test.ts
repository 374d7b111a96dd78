import { describe, expect, test } from "vitest";
import { announce } from "../../../../worker/team/rights/announce.ts";

const holder = (relayId: string, endsAtMs = 1_000) => ({ relayId, endsAtMs });
const many = Array.from({ length: 40 }, (_, i) => holder(`r${i}`));

/** Time that passes for those who wait as soon as somebody hangs. */
const atOnce = () => Promise.resolve();
const never = () => new Promise<void>(() => {});

describe("announce()", () => {
  test("is effective now when all were told, sixteen at a time", async () => {
    let [underWay, most] = [0, 0];
    const told: string[] = [];
    const push = async ({ relayId }: { relayId: string }) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      told.push(relayId);
    };

    expect(await announce(many, { push, wait: never })).toEqual({ type: "now" });
    expect(told).toHaveLength(40);
    expect(most).toBe(16);
  });

  test("is effective when the last lease of those that could not be told ends", async () => {
    const push = ({ relayId }: { relayId: string }) =>
      relayId === "good" ? Promise.resolve() : Promise.reject(new Error("reset"));
    const holders = [holder("good", 9_000), holder("bad", 5_000), holder("worse", 7_000)];

    expect(await announce(holders, { push, wait: never })).toEqual({ type: "by", atMs: 7_000 });
  });

  test("does not wait for one that hangs", async () => {
    expect(await announce([holder("hangs")], { push: never, wait: atOnce })).toEqual({
      type: "by",
      atMs: 1_000,
    });
  });

  test("continues with the next ones after one that hangs", async () => {
    const told: string[] = [];
    const push = ({ relayId }: { relayId: string }) => {
      told.push(relayId);
      return relayId === "r0" ? never() : Promise.resolve();
    };
    const wait = (ms: number) => (ms < 3_000 ? Promise.resolve() : never());

    expect(await announce(many, { push, wait })).toEqual({ type: "by", atMs: 1_000 });
    expect(told).toHaveLength(40);
  });

  test("of nobody is now", async () => {
    expect(await announce([], { push: never, wait: never })).toEqual({ type: "now" });
  });
});
