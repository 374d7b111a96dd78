import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isGrowing, slopeOf, type Point } from "./slope.ts";

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
