import { expect, test } from "vitest";
import { EventQueue } from "../../../worker/events/event-queue.ts";

/** Whether a promise has settled once all that was ready has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  for (let n = 0; n < 10; n += 1) await Promise.resolve();
  return settled;
}

test("a writer waits until the reader has taken what it wrote", async () => {
  const queue = new EventQueue();
  const first = queue.put("a");
  const second = queue.put("b");
  expect(await isSettled(first)).toBe(false);

  expect(await queue.take()).toBe("ab");

  expect(await isSettled(Promise.all([first, second]))).toBe(true);
});

test("a reader waits until something is written", async () => {
  const queue = new EventQueue();
  const taken = queue.take();
  expect(await isSettled(taken)).toBe(false);

  void queue.put("a");

  expect(await taken).toBe("a");
});

test("what was written before the end is read, and then the end", async () => {
  const queue = new EventQueue();
  void queue.put("a");
  queue.end();
  await queue.put("late");

  expect(await queue.take()).toBe("a");
  expect(await queue.take()).toBeUndefined();
  expect(queue.isOver).toBe(true);
});

test("a waiting reader is told of the end", async () => {
  const queue = new EventQueue();
  const taken = queue.take();

  queue.end();

  expect(await taken).toBeUndefined();
});

test("no writer waits for a reader that is gone", async () => {
  const queue = new EventQueue();
  const put = queue.put("a");

  queue.drop();

  expect(await isSettled(put)).toBe(true);
  expect(await queue.take()).toBeUndefined();
});
