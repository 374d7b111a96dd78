import { expect, test } from "vitest";
import { SharedSync } from "../../../relay/access/shared-sync.ts";

/** Syncs that end when they are told to. */
function disk() {
  const syncs: { settle: () => void; fail: (error: Error) => void }[] = [];
  const shared = new SharedSync(
    () => new Promise<void>((settle, fail) => void syncs.push({ settle, fail })),
  );
  return { shared, syncs };
}

/** Whatever was settled has had its say. */
const turns = () => new Promise((resolve) => void setImmediate(resolve));

test("SharedSync syncs once for all who come while another one runs", async () => {
  const { shared, syncs } = disk();
  const first = shared.reached();
  const others = [shared.reached(), shared.reached(), shared.reached()];
  syncs[0]?.settle();
  await first;
  await turns();
  syncs[1]?.settle();
  await Promise.all(others);

  expect(syncs).toHaveLength(2);
});

test("SharedSync does not take one that began before for one that covers it", async () => {
  const { shared, syncs } = disk();
  void shared.reached();
  let isOnDisk = false;
  void shared.reached().then(() => {
    isOnDisk = true;
  });
  syncs[0]?.settle();
  await turns();
  expect(isOnDisk).toBe(false);
  syncs[1]?.settle();
  await turns();

  expect(isOnDisk).toBe(true);
});

test("SharedSync tells a failure to those it was for, and tries again for the next", async () => {
  const { shared, syncs } = disk();
  const first = shared.reached();
  const second = shared.reached();
  syncs[0]?.fail(new Error("no space"));
  await expect(first).rejects.toThrow("no space");
  await turns();
  syncs[1]?.settle();

  await expect(second).resolves.toBeUndefined();
  const third = shared.reached();
  syncs[2]?.settle();
  await expect(third).resolves.toBeUndefined();
});
