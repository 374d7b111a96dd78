import { describe, expect, test } from "vitest";
import { Deadline } from "../../worker/deadline.ts";
import { GoneError } from "../../worker/gone-error.ts";
import { LateError } from "../../worker/late-error.ts";

const never = () => new Promise<never>(() => {});

/** Whoever waits for something that never comes is at its end at once. */
function clock() {
  let atMs = 0;
  const timer = (ms: number, run: () => void) => {
    queueMicrotask(() => {
      atMs += ms;
      run();
    });
    return () => {};
  };
  return { nowMs: () => atMs, timer };
}

describe("Deadline", () => {
  test("gives the answer that comes in time, or the failure", async () => {
    const time = new Deadline(10_000);

    expect(await time.ask(() => Promise.resolve(undefined))).toBeUndefined();
    await expect(time.ask(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  test("ends the wait for what does not answer", async () => {
    await expect(new Deadline(10_000, clock()).ask(never)).rejects.toThrow(LateError);
  });

  test("covers everything that is asked, and asks nothing after it", async () => {
    const time = new Deadline(20, clock());
    let asked = 0;
    await expect(time.ask(never)).rejects.toThrow(LateError);

    const late = time.ask(async () => (asked += 1));

    await expect(late).rejects.toThrow(LateError);
    expect([asked, time.leftMs, time.objectMs]).toEqual([0, 0, 1]);
  });

  test("repeats a read that was lost with a reset object, within the time left", async () => {
    const time = new Deadline(10_000);
    const left: number[] = [];

    const read = time.read(async () => {
      left.push(time.objectMs);
      if (left.length === 1) throw new Error("reset");
      return "second";
    });

    expect(await read).toBe("second");
    expect(left[0]).toBeLessThan(10_000);
    expect(left[1]).toBeLessThan(left[0] ?? 0);
  });

  test("does not repeat a read that was late", async () => {
    let asked = 0;
    const read = new Deadline(10_000, clock()).read(() => {
      asked += 1;
      return never();
    });

    await expect(read).rejects.toThrow(LateError);
    expect(asked).toBe(1);
  });

  test("asks nothing more for a caller that has gone", async () => {
    let asked = 0;
    const time = new Deadline(10_000, { isGone: () => asked > 0 });
    const read = time.read(async () => {
      asked += 1;
      throw new Error("reset");
    });

    await expect(read).rejects.toThrow(GoneError);
    expect(asked).toBe(1);
  });

  test("reports an answer that takes longer than a second, and waits on for the time left", async () => {
    const told: number[] = [];
    const { nowMs, timer } = clock();
    const time = new Deadline(10_000, { nowMs, timer, onLong: () => told.push(nowMs()) });

    await expect(time.ask(never)).rejects.toThrow(LateError);
    expect([told, nowMs()]).toEqual([[1_000], 10_000]);
  });

  test("reports none that comes sooner, nor one that has no more time", async () => {
    const told: number[] = [];
    const onLong = () => told.push(1);
    const quick = new Deadline(10_000, { onLong });
    const short = new Deadline(1_000, { ...clock(), onLong });

    expect(await quick.ask(() => Promise.resolve(1))).toBe(1);
    await expect(short.ask(never)).rejects.toThrow(LateError);
    expect(told).toEqual([]);
  });
});
