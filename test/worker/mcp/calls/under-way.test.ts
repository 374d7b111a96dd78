import { expect, test } from "vitest";
import { UnderWay } from "../../../../worker/mcp/calls/under-way.ts";

test("UnderWay has ended when nothing is asked any more, including what the last answer led to", async () => {
  const underWay = new UnderWay();
  let hasEnded = false;
  underWay.begin();
  const ended = underWay.ended().then(() => {
    hasEnded = true;
  });
  underWay.end();
  // Whoever gets the answer takes some turns to read it.
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  underWay.begin();
  await scheduler.wait(1);
  const before = hasEnded;
  underWay.end();
  await ended;

  expect(before).toBe(false);
});

test("UnderWay has ended if nothing was asked", async () => {
  expect(await new UnderWay().ended()).toBeUndefined();
});
