import { expect, test } from "vitest";
import {
  STORED_PER_MINUTE,
  UNASKED_BYTES_PER_S,
  UNASKED_PER_S,
  UnaskedFrames,
} from "../../../../worker/relay/link/unasked-frames.ts";

test("two seconds' worth of frames may come at once, and no more", () => {
  const frames = new UnaskedFrames(0);
  const taken = Array.from({ length: UNASKED_PER_S * 2 }, () => frames.isTooMuch(1, 0));

  expect(taken).not.toContain(true);
  expect(frames.isTooMuch(1, 0)).toBe(true);
});

test("bytes are bounded beside their number", () => {
  const frames = new UnaskedFrames(0);

  expect(frames.isTooMuch(UNASKED_BYTES_PER_S * 2, 0)).toBe(false);
  expect(frames.isTooMuch(1, 0)).toBe(true);
});

test("a second later there is room for a second's worth", () => {
  const frames = new UnaskedFrames(0);
  for (let n = 0; n < UNASKED_PER_S * 2; n += 1) frames.isTooMuch(1, 0);
  const taken = Array.from({ length: UNASKED_PER_S }, () => frames.isTooMuch(1, 1_000));

  expect(taken).not.toContain(true);
  expect(frames.isTooMuch(1, 1_000)).toBe(true);
});

test("a clock that steps back gives nothing", () => {
  const frames = new UnaskedFrames(10_000);
  for (let n = 0; n < UNASKED_PER_S * 2; n += 1) frames.isTooMuch(1, 10_000);

  expect(frames.isTooMuch(1, 0)).toBe(true);
});

test("what is stored comes sixty times a minute at most, whatever else comes [F-7]", () => {
  const frames = new UnaskedFrames(0);
  const taken = Array.from({ length: STORED_PER_MINUTE }, () => frames.isTooMuch(1, 0, true));

  expect(taken).not.toContain(true);
  expect(frames.isTooMuch(1, 0, true)).toBe(true);
  expect(frames.isTooMuch(1, 0)).toBe(false);
  expect(frames.isTooMuch(1, 1_000, true)).toBe(false);
});
