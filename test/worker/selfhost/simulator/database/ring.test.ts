import { expect, test } from "vitest";
import { Counters } from "../../../../../worker/selfhost/simulator/database/buffer.ts";
import { Ring } from "../../../../../worker/selfhost/simulator/database/ring.ts";
import { readAll, sample } from "./samples.ts";

function filled(ring: Ring, count: number): void {
  for (let n = 1; n <= count; n += 1) ring.push(sample(n));
}

test("a ring's reader sees only what comes after it", () => {
  const ring = new Ring(4, new Counters());
  ring.push(sample(1));
  const reader = ring.open();

  ring.push(sample(2));

  expect(readAll(reader)).toEqual(["2"]);
});

test("a ring's readers do not disturb each other", () => {
  const ring = new Ring(4, new Counters());
  const [first, second] = [ring.open(), ring.open()];
  filled(ring, 2);

  expect(readAll(first)).toEqual(["1", "2"]);
  expect(readAll(second)).toEqual(["1", "2"]);
});

test("a ring tells its slowest reader how many values it lost", () => {
  const counters = new Counters();
  const ring = new Ring(4, counters);
  const reader = ring.open();

  filled(ring, 7);

  expect(readAll(reader)).toEqual(["4+3", "5", "6", "7"]);
  expect(counters).toMatchObject({ produced: 7, consumed: 4, dropped: 3 });
});

test("a ring's capacity is rounded up to a power of two", () => {
  const ring = new Ring(5, new Counters());
  const reader = ring.open();

  filled(ring, 8);

  expect(readAll(reader)).toHaveLength(8);
});

test("a ring has no value to look at", () => {
  const ring = new Ring(4, new Counters());
  filled(ring, 1);

  expect(ring.peek()).toBeUndefined();
});

test("a ring's occupancy is what its slowest reader has not seen", () => {
  const ring = new Ring(4, new Counters());
  const [slow, fast] = [ring.open(), ring.open()];
  filled(ring, 3);
  readAll(fast);

  expect(ring.occupancy()).toBe(3);
  slow.close();
  expect(ring.occupancy()).toBe(0);
});
