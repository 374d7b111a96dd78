import { expect, test } from "vitest";
import { KeyedLock } from "../../../../worker/oauth/grants/keyed-lock.ts";

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

test("KeyedLock runs the tasks of a key one after the other, in their order", async () => {
  const lock = new KeyedLock();
  const { opened, open } = gate();
  const seen: string[] = [];

  const first = lock.run("a", async () => {
    await opened;
    seen.push("first");
    return 1;
  });
  const second = lock.run("a", () => {
    seen.push("second");
    return Promise.resolve(2);
  });
  await lock.run("b", () => Promise.resolve());
  expect(seen).toEqual([]);
  open();

  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(seen).toEqual(["first", "second"]);
});

test("KeyedLock goes on after a task that failed, whose caller is told", async () => {
  const lock = new KeyedLock();

  const failed = lock.run("a", () => Promise.reject(new Error("no")));
  const next = lock.run("a", () => Promise.resolve("yes"));

  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
