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
  test("gives the answer that comes in time, and the failure", async () => {
    const time = new Deadline(10_000);

    expect(await time.ask(() => Promise.resolve(undefined))).toBeUndefined();
    await expect(time.ask(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });

  test("ends what does not answer", async () => {
    await expect(new Deadline(10_000, clock()).ask(never)).rejects.toThrow(LateError);
  });

  test("is one for all that is asked, and asks nothing behind it", async () => {
    const time = new Deadline(20, clock());
    let asked = 0;
    await expect(time.ask(never)).rejects.toThrow(LateError);

    const late = time.ask(async () => (asked += 1));

    await expect(late).rejects.toThrow(LateError);
    expect([asked, time.leftMs, time.objectMs]).toEqual([0, 0, 1]);
  });

  test("reads a second time what was reset, with what is left", async () => {
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

  test("reads nothing a second time that was late", async () => {
    let asked = 0;
    const read = new Deadline(10_000, clock()).read(() => {
      asked += 1;
      return never();
    });

    await expect(read).rejects.toThrow(LateError);
    expect(asked).toBe(1);
  });

  test("asks nothing further for a caller that went", async () => {
    let asked = 0;
    const time = new Deadline(10_000, { isGone: () => asked > 0 });
    const read = time.read(async () => {
      asked += 1;
      throw new Error("reset");
    });

    await expect(read).rejects.toThrow(GoneError);
    expect(asked).toBe(1);
  });

  test("tells of an answer that takes longer than a second, and waits on for what is left", async () => {
    const told: number[] = [];
    const { nowMs, timer } = clock();
    const time = new Deadline(10_000, { nowMs, timer, onLong: () => told.push(nowMs()) });

    await expect(time.ask(never)).rejects.toThrow(LateError);
    expect([told, nowMs()]).toEqual([[1_000], 10_000]);
  });

  test("tells of none that comes before, nor of one that has no more time", async () => {
    const told: number[] = [];
    const onLong = () => told.push(1);
    const quick = new Deadline(10_000, { onLong });
    const short = new Deadline(1_000, { ...clock(), onLong });

    expect(await quick.ask(() => Promise.resolve(1))).toBe(1);
    await expect(short.ask(never)).rejects.toThrow(LateError);
    expect(told).toEqual([]);
  });
});
