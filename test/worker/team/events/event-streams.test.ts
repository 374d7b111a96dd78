import { describe, expect, test } from "vitest";
import {
  EventStreams,
  MAX_STREAMS_PER_PRINCIPAL,
} from "../../../../worker/team/events/event-streams.ts";

/** Time stands still until it is moved. */
function begin() {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; run: () => void }>();
  const streams = new EventStreams({
    nowMs: () => nowMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  const advance = (ms: number) => {
    nowMs += ms;
    for (const timer of timers) {
      if (timer.atMs > nowMs) continue;
      timers.delete(timer);
      timer.run();
    }
  };
  return { streams, advance, timers };
}

describe("EventStreams lets a principal have", () => {
  test("ten streams, and says when there may be room", () => {
    const { streams } = begin();
    const opened = Array.from({ length: MAX_STREAMS_PER_PRINCIPAL }, (_, i) =>
      streams.open("ann", `s${i}`, null),
    );

    expect(new Set(opened)).toEqual(new Set([0]));
    expect(streams.open("ann", "eleventh", null)).toBe(10);
    expect(streams.open("bob", "his", null)).toBe(0);
  });

  test("the tenth, also where it is asked for again", () => {
    const { streams } = begin();
    for (let n = 0; n < MAX_STREAMS_PER_PRINCIPAL; n += 1) streams.open("ann", `s${n}`, null);

    expect(streams.open("ann", "s9", null)).toBe(0);
    expect(streams.open("ann", "eleventh", null)).toBeGreaterThan(0);
  });

  test("another one in place of one that it resumes", async () => {
    const { streams } = begin();
    for (let n = 0; n < MAX_STREAMS_PER_PRINCIPAL; n += 1) streams.open("ann", `s${n}`, null);
    const waiting = streams.wait("ann", "s3", 20_000);

    expect(streams.open("ann", "next", "s3")).toBe(0);
    expect(await waiting).toBe("replaced");
    expect(streams.open("ann", "more", null)).toBeGreaterThan(0);
  });

  test("none in place of somebody else's", async () => {
    const { streams, advance } = begin();
    streams.open("bob", "his", null);
    const waiting = streams.wait("bob", "his", 20_000);

    streams.open("ann", "hers", "his");
    advance(20_000);

    expect(await waiting).toBe("time");
  });

  test("the place of one that left, and of nobody else's", async () => {
    const { streams } = begin();
    for (let n = 0; n < MAX_STREAMS_PER_PRINCIPAL; n += 1) streams.open("ann", `s${n}`, null);
    const waiting = streams.wait("ann", "s3", 20_000);

    streams.leave("bob", "s3");
    expect(streams.open("ann", "new", null)).toBe(10);
    streams.leave("ann", "s3");

    expect(await waiting).toBe("replaced");
    expect(streams.open("ann", "new", null)).toBe(0);
  });

  test("the places of those that did not ask again for ten seconds, and not of one that waits", async () => {
    const { streams, advance } = begin();
    for (let n = 0; n < MAX_STREAMS_PER_PRINCIPAL; n += 1) streams.open("ann", `s${n}`, null);
    const waiting = streams.wait("ann", "s0", 20_000);
    advance(10_000);
    for (let n = 1; n < MAX_STREAMS_PER_PRINCIPAL; n += 1)
      expect(streams.open("ann", `new${n}`, null)).toBe(0);
    expect(streams.open("ann", "eleventh", null)).toBeGreaterThan(0);
    advance(10_000);

    expect(await waiting).toBe("time");
  });
});

describe("a stream that waits", () => {
  test("is woken by news, and its timer with it", async () => {
    const { streams, timers } = begin();
    streams.open("ann", "s", null);
    const waiting = streams.wait("ann", "s", 20_000);

    streams.wake();

    expect(await waiting).toBe("news");
    expect(timers.size).toBe(0);
  });

  test("is noted again after the object forgot it", async () => {
    const { streams, advance } = begin();
    const waiting = streams.wait("ann", "of-before", 20_000);

    advance(20_000);

    expect(await waiting).toBe("time");
  });

  test("is not noted again beyond what a principal may have", async () => {
    const { streams } = begin();
    for (let n = 0; n < MAX_STREAMS_PER_PRINCIPAL; n += 1) streams.open("ann", `s${n}`, null);

    expect(await streams.wait("ann", "eleventh", 20_000)).toBe("replaced");
  });
});

test("a question that comes again takes the place of the first, whose end changes nothing for it", async () => {
  const { streams, advance, timers } = begin();
  const first = streams.wait("ann", "s1", 20_000);
  advance(10_000);
  const again = streams.wait("ann", "s1", 20_000);
  advance(10_000);
  expect(await first).toBe("replaced");
  streams.wake();

  expect(await again).toBe("news");
  expect(timers.size).toBe(0);
});
