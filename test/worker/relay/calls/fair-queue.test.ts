import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FairQueue,
  MAX_SAMPLE_WAITS,
  MAX_WAITING,
  MAX_WAITING_BYTES,
  type Turn,
} from "../../../../worker/relay/calls/fair-queue.ts";

const SHARE = 8;

function begin(writesBefore = 0) {
  let writes = writesBefore;
  const timers: (() => void)[] = [];
  const queue = new FairQueue({
    share: SHARE,
    others: () => writes,
    after: (_ms, run) => {
      timers.push(run);
      return () => void timers.splice(timers.indexOf(run), 1);
    },
  });
  const order: string[] = [];
  const leaves: (() => void)[] = [];
  const enter = async (principal: string, size = 1, isWait = false): Promise<Turn["type"]> => {
    const turn = await queue.enter({
      principal,
      size: () => size,
      isWait,
      withinMs: 1_000,
      cause: principal,
    });
    if (turn.type === "go") {
      order.push(principal);
      leaves.push(turn.leave);
    }
    return turn.type;
  };
  const leave = async () => {
    leaves.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  const endWrite = async () => {
    writes -= 1;
    queue.look();
    await Promise.resolve();
  };
  return { queue, enter, leave, endWrite, order, leaves, timers };
}

const many = (count: number, enter: (n: number) => Promise<unknown>) =>
  Array.from({ length: count }, (_, n) => enter(n));

describe("the queue of a link", () => {
  test("lets a call go at once if there is room", async () => {
    const { enter } = begin();

    expect(await enter("ann")).toBe("go");
  });

  test("takes turns between those who wait", async () => {
    const { enter, leave, order } = begin();
    await Promise.all(many(MAX_IN_FLIGHT, (n) => enter(`first-${n}`)));
    void Promise.all(many(3, () => enter("ann")));
    void Promise.all(many(3, () => enter("bob")));
    for (let n = 0; n < 6; n += 1) await leave();

    expect(order.slice(MAX_IN_FLIGHT)).toEqual(["ann", "bob", "ann", "bob", "ann", "bob"]);
  });

  test("continues when a write ends, even if nothing else does", async () => {
    const { enter, endWrite, order } = begin(1);
    await Promise.all(many(MAX_IN_FLIGHT - 1, (n) => enter(`first-${n}`)));
    void enter("ann");
    await endWrite();

    expect(order.at(-1)).toBe("ann");
  });

  test("lets nobody have more than a share of the link", async () => {
    const { enter, leave, order } = begin();
    void Promise.all(many(SHARE + 1, () => enter("ann")));
    await enter("bob");
    expect(order.filter((one) => one === "ann")).toHaveLength(SHARE);
    await leave();

    expect(order.filter((one) => one === "ann")).toHaveLength(SHARE + 1);
  });

  test("refuses what is too many or too long to wait", async () => {
    const { enter } = begin(MAX_IN_FLIGHT);
    void Promise.all(many(2, () => enter("ann", MAX_WAITING_BYTES / 2)));
    expect(await enter("bob")).toBe("full");

    const other = begin(MAX_IN_FLIGHT);
    void Promise.all(many(MAX_WAITING, (n) => other.enter(`p-${n}`)));
    expect(await other.enter("bob")).toBe("full");
  });

  test("forgets a call that gave up, and frees its room", async () => {
    const { enter, timers } = begin(MAX_IN_FLIGHT);
    const waiting = enter("ann", MAX_WAITING_BYTES);
    timers[0]?.();
    expect(await waiting).toBe("too_late");

    void enter("ann", MAX_WAITING_BYTES);
    expect(timers).toHaveLength(1);
  });

  test("forgets a tool call whose caller has gone, and nobody else's", async () => {
    const { queue, enter, timers } = begin(MAX_IN_FLIGHT);
    const [gone] = [enter("ann"), enter("bob")];
    queue.cancel("ann");

    expect(await gone).toBe("cancelled");
    expect(timers).toHaveLength(1);
  });

  test("keeps a part of the link for calls that are answered at once", async () => {
    const { enter } = begin();
    const waits = await Promise.all(many(MAX_SAMPLE_WAITS, (n) => enter(`p-${n}`, 1, true)));

    expect(new Set(waits)).toEqual(new Set(["go"]));
    expect(await enter("ann", 1, true)).toBe("full");
    expect(await enter("ann")).toBe("go");
  });

  test("gives nobody more than a quarter of the waits for samples", async () => {
    const { enter, leave } = begin();
    const quarter = MAX_SAMPLE_WAITS / 4;
    const waits = await Promise.all(many(quarter + 1, () => enter("ann", 1, true)));

    expect(waits).toEqual([...Array.from({ length: quarter }, () => "go"), "full"]);
    expect(await enter("bob", 1, true)).toBe("go");
    await leave();
    expect(await enter("ann", 1, true)).toBe("go");
    expect(await enter("ann", 1, true)).toBe("full");
  });

  test("never has more in progress than the link carries, whoever comes and goes", async () => {
    const step = fc.record({
      principal: fc.constantFrom("ann", "bob", "cid"),
      isWait: fc.boolean(),
      leaves: fc.boolean(),
    });
    const neverTooMany = fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
      const { enter, leave, leaves } = begin();
      for (const { principal, isWait, leaves: isLeaving } of steps) {
        void enter(principal, 1, isWait);
        await Promise.resolve();
        if (isLeaving) await leave();
        if (leaves.length > MAX_IN_FLIGHT) return false;
      }
      return true;
    });

    await expect(fc.assert(neverTooMany)).resolves.toBeUndefined();
  });
});
