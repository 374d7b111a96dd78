import { expect, test } from "vitest";
import { Counters } from "../../../../../worker/selfhost/simulator/database/buffer.ts";
import { SingleLatest } from "../../../../../worker/selfhost/simulator/database/single-latest.ts";
import { readAll, sample } from "./samples.ts";

test("single_latest gives a reader the newest value once", () => {
  const latest = new SingleLatest(new Counters());
  const reader = latest.open("next");
  latest.push(sample(1));
  latest.push(sample(2));

  expect(readAll(reader)).toEqual(["2"]);
  expect(readAll(reader)).toEqual([]);
});

test.each([
  ["current", ["1"]],
  ["next", []],
] as const)("single_latest starts a reader from its %s value", (start, found) => {
  const latest = new SingleLatest(new Counters());
  latest.push(sample(1));

  expect(readAll(latest.open(start))).toEqual(found);
});

test("single_latest has nothing for a reader before the first value", () => {
  const latest = new SingleLatest(new Counters());

  expect(readAll(latest.open("current"))).toEqual([]);
  expect(latest.peek()).toBeUndefined();
});

test("single_latest counts as occupied while it has a reader", () => {
  const latest = new SingleLatest(new Counters());
  latest.push(sample(1));
  expect(latest.occupancy()).toBe(0);

  const reader = latest.open("next");

  expect(latest.occupancy()).toBe(1);
  reader.close();
  expect(latest.occupancy()).toBe(0);
});
