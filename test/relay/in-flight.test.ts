import { expect, test } from "vitest";
import { InFlight } from "../../relay/in-flight.ts";

/** Answers when told to, each time with the next number. */
function asker() {
  const pending: ((fail?: Error) => void)[] = [];
  let count = 0;
  const ask = () =>
    new Promise<number>((resolve, reject) => {
      count += 1;
      const answer = count;
      pending.push((fail) => (fail === undefined ? resolve(answer) : reject(fail)));
    });
  return { ask, pending };
}

test("InFlight gives one answer to all who ask the same while it is under way", async () => {
  const { ask, pending } = asker();
  const inFlight = new InFlight<number>();
  const answers = [inFlight.share("a", ask), inFlight.share("a", ask), inFlight.share("b", ask)];
  for (const answer of pending) answer();
  expect(await Promise.all(answers)).toEqual([1, 1, 2]);
});

test("InFlight asks anew once it was answered, or failed", async () => {
  const { ask, pending } = asker();
  const inFlight = new InFlight<number>();
  const first = inFlight.share("a", ask);
  pending.shift()?.();
  await first;
  const second = inFlight.share("a", ask);
  pending.shift()?.(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  const third = inFlight.share("a", ask);
  pending.shift()?.();
  expect(await third).toBe(3);
});

test("InFlight that was cleared asks anew, and keeps the new question", async () => {
  const { ask, pending } = asker();
  const inFlight = new InFlight<number>();
  const before = inFlight.share("a", ask);
  inFlight.clear();
  const after = inFlight.share("a", ask);
  pending[0]?.();
  expect(await before).toBe(1);

  const joined = inFlight.share("a", ask);
  pending[1]?.();

  expect(await Promise.all([after, joined])).toEqual([2, 2]);
});
