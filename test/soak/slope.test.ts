import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isGrowing, minuteMeans, slopeOf, type Point } from "./slope.ts";

const MINUTE_MS = 60_000;
const line = (perMinute: number, noise: (n: number) => number = () => 0): Point[] =>
  Array.from({ length: 60 }, (_, n) => ({
    atMs: (n * MINUTE_MS) / 2,
    kib: 20_000 + (n / 2) * perMinute + noise(n),
  }));

test("a line has its own slope, whatever it is", () => {
  const exact = fc.property(fc.integer({ min: -5_000, max: 5_000 }), (perMinute) => {
    const slope = slopeOf(line(perMinute));
    return Math.abs(slope.perMinute - perMinute) < 1e-6 && slope.error < 1e-6;
  });

  expect(() => fc.assert(exact)).not.toThrow();
});

test("what saws up and down is flat", () => {
  const saw = (n: number) => (n % 10) * 300;

  expect(isGrowing(slopeOf(line(0, saw)), 50)).toBe(false);
});

test("what saws and grows is growing", () => {
  const saw = (n: number) => (n % 10) * 300;

  expect(isGrowing(slopeOf(line(300, saw)), 50)).toBe(true);
});

test("two points say nothing", () => {
  expect(() => slopeOf(line(1).slice(0, 2))).toThrow(/three/);
});

test("minuteMeans() has one point of each whole minute in which something was measured", () => {
  const points = [0, 20, 40, 60, 90, 190, 250].map((s) => ({ atMs: 5_000 + s * 1_000, kib: s }));

  expect(minuteMeans(points)).toEqual([
    { atMs: 25_000, kib: 20 },
    { atMs: 80_000, kib: 75 },
    { atMs: 195_000, kib: 190 },
  ]);
});
