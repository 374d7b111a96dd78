import fc from "fast-check";
import { expect, test } from "vitest";
import { ShortLinks } from "../../../../worker/relay/dial/short-links.ts";

/** Links that live so long, one each so often. */
function links(count: number, { livesMs, everyMs }: { livesMs: number; everyMs: number }) {
  const short = new ShortLinks(6);
  for (let n = 0; n < count; n += 1) {
    short.begin(n * everyMs);
    short.end(n * everyMs + livesMs);
  }
  return { short, nowMs: (count - 1) * everyMs + livesMs };
}

test("six links that end as they begin make the relay wait until a minute after the first [D-21]", () => {
  const { short, nowMs } = links(6, { livesMs: 100, everyMs: 1_000 });

  expect(nowMs).toBe(5_100);
  expect(short.waitMs(nowMs)).toBe(55_000);
  expect(short.waitMs(60_099)).toBe(1);
  expect(short.waitMs(60_100)).toBe(0);
});

test.each([
  ["five of them", 5, { livesMs: 100, everyMs: 1_000 }],
  ["those that lived three seconds", 100, { livesMs: 3_000, everyMs: 3_001 }],
  ["those that ended twelve seconds apart", 100, { livesMs: 100, everyMs: 12_000 }],
])("%s make no relay wait", (_name, count, how) => {
  const { short, nowMs } = links(count, how);
  expect(short.waitMs(nowMs)).toBe(0);
});

test("a clock that was set back makes no relay wait for longer than a minute", () => {
  const { short, nowMs } = links(6, { livesMs: 100, everyMs: 1_000 });

  expect(short.waitMs(nowMs - 3_600_000)).toBe(60_000);
});

test("no limit makes no relay wait", () => {
  const short = new ShortLinks(0);
  for (let n = 0; n < 20; n += 1) {
    short.begin(n);
    short.end(n);
  }
  expect(short.waitMs(20)).toBe(0);
});

test("an end without a beginning, as of a link that slept, counts for nothing", () => {
  const short = new ShortLinks(6);
  for (let n = 0; n < 20; n += 1) short.end(n);
  expect(short.waitMs(20)).toBe(0);
});

test("a relay that waits as long as it is told has six links a minute at most", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { maxLength: 100 }), (pauses) => {
      const short = new ShortLinks(6);
      const begun: number[] = [];
      let nowMs = 0;
      for (const pauseMs of pauses) {
        nowMs += pauseMs + short.waitMs(nowMs + pauseMs);
        expect(short.waitMs(nowMs)).toBe(0);
        short.begin(nowMs);
        short.end(nowMs + 1);
        begun.push(nowMs);
      }
      for (const [i, atMs] of begun.entries()) {
        const seventh = begun[i + 6] ?? Infinity;
        expect(seventh - atMs).toBeGreaterThan(60_000 - 1);
      }
    }),
  );
});
