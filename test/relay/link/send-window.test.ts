import { expect, test } from "vitest";
import { FIRST_WINDOW, MAX_WINDOW, SendWindow } from "../../../relay/link/send-window.ts";

/** A line that carries so much and is so long: fills the window and hears of it, for some rounds. */
function windowAfter(rounds: number, line: { perMs: number; roundTripMs: number }): SendWindow {
  const window = new SendWindow();
  window.noteRoundTrip(line.roundTripMs);
  let nowMs = 0;
  for (let round = 0; round < rounds; round += 1) {
    const length = window.room;
    window.send(length);
    window.beat(nowMs);
    nowMs += length / line.perMs + line.roundTripMs;
    window.answer(nowMs, true);
  }
  return window;
}

test("a line that was never full is not known to be narrow", () => {
  const window = new SendWindow();
  let nowMs = 0;
  for (let round = 0; round < 50; round += 1) {
    window.send(300);
    window.beat(nowMs);
    window.answer((nowMs += 600), false);
  }

  expect(window.perSecond).toBeUndefined();
});

test("a wide line on which a megabyte waits is not known to be narrow", () => {
  const line = { perMs: 100_000, roundTripMs: 600 };

  expect(windowAfter(6, line).perSecond).toBeUndefined();
});

test("a narrow line is known for one soon", () => {
  const { perSecond = 0 } = windowAfter(5, { perMs: 8, roundTripMs: 100 });

  expect(perSecond).toBeGreaterThan(7_000);
  expect(perSecond).toBeLessThan(8_000);
});

test("a narrow line that became wide is not known for one any more", () => {
  const window = windowAfter(5, { perMs: 8, roundTripMs: 100 });
  const known = Array.from({ length: 5 }, (_, n) => {
    window.send(8_000);
    window.beat(n * 1_000);
    window.answer(n * 1_000 + 10, false);
    return window.perSecond !== undefined;
  });

  expect(known).toEqual([true, true, true, true, false]);
});

test("a narrow line that became a little wider is known for that", () => {
  const window = windowAfter(5, { perMs: 8, roundTripMs: 100 });
  const startMs = 1_000_000;
  for (const [n, isWaiting] of [false, true, true, false].entries()) {
    window.send(14_000);
    window.beat(startMs + n * 1_000);
    window.answer(startMs + n * 1_000 + 999, isWaiting);
  }

  expect(window.perSecond).toBeGreaterThan(12_000);
});

test("a line of which nothing is known gets little", () => {
  expect(new SendWindow()).toMatchObject({ room: FIRST_WINDOW, perSecond: undefined });
});

test.each([
  { line: { perMs: 8, roundTripMs: 20 }, room: { least: 12_000, most: 13_000 } },
  { line: { perMs: 100, roundTripMs: 600 }, room: { least: 200_000, most: 220_000 } },
  { line: { perMs: 50_000, roundTripMs: 1 }, room: { least: MAX_WINDOW, most: MAX_WINDOW } },
])("gets what it carries in a second and a half: $line", ({ line, room: { least, most } }) => {
  const { room } = windowAfter(20, line);

  expect(room).toBeGreaterThanOrEqual(least);
  expect(room).toBeLessThanOrEqual(most);
});

test("a line that lets some pass at once is not trusted with all", () => {
  const window = new SendWindow();
  window.noteRoundTrip(1);
  window.send(4_096);
  window.beat(0);
  window.answer(1, true);

  expect(window.room).toBe(4 * 4_096);
});

test("a line that is not full is not taken for a slow one", () => {
  const window = windowAfter(20, { perMs: 1_000, roundTripMs: 10 });
  const { perSecond } = window;
  window.send(10);
  window.beat(0);
  window.answer(500, false);

  expect(window.perSecond).toBe(perSecond);
});

test("a line that becomes slow gets less", () => {
  const window = windowAfter(20, { perMs: 1_000, roundTripMs: 10 });
  let nowMs = 1_000_000;
  window.beat(nowMs);
  window.answer(nowMs, false);
  for (let round = 0; round < 60; round += 1) {
    window.send(8_000);
    window.beat(nowMs);
    window.answer((nowMs += 1_000), true);
  }

  expect(window.room).toBeLessThan(15_000);
  expect(window.perSecond).toBeLessThan(9_000);
});

test("a line that became slow gets less though nothing waits: an answer of seconds says so", () => {
  const window = windowAfter(20, { perMs: 1_000, roundTripMs: 10 });
  window.send(64_000);
  window.beat(0);
  window.answer(8_010, false);

  expect(window.room).toBeLessThan(15_000);
});

test("a line on which little was late is not taken for a slow one", () => {
  const window = windowAfter(20, { perMs: 1_000, roundTripMs: 10 });
  const { room } = window;
  window.send(300);
  window.beat(0);
  window.answer(8_000, false);

  expect(window.room).toBe(room);
});

test("an answer that nothing asked for says nothing", () => {
  expect(new SendWindow().answer(1, true)).toBeUndefined();
});

test("asks for an answer when half of the window is used, and again behind it", () => {
  const window = new SendWindow();
  const asked = Array.from({ length: 8 }, () => {
    window.send(1_024);
    const { wantsBeat } = window;
    if (wantsBeat) window.beat(0);
    return wantsBeat;
  });

  expect(asked).toEqual([false, false, false, true, false, true, true, true]);
});
