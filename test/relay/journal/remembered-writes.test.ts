import { expect, test } from "vitest";
import { RememberedWrites } from "../../../relay/journal/remembered-writes.ts";

test("who waits for the end of a write hears of one that was taken back", async () => {
  const writes = new RememberedWrites();
  writes.begin("c1", 0);

  const waiting = writes.ended("c1");
  writes.takeBack("c1");

  await expect(waiting).resolves.toBeUndefined();
  expect(writes.find("c1")).toBeUndefined();
});
