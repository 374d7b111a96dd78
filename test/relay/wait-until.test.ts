import { expect, test } from "vitest";
import { waitUntil } from "../../relay/wait-until.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { turns } from "./support/until.ts";

function begin(options: { waitMs: number; signal?: AbortSignal }) {
  const clock = new ManualClock();
  const seen = { settled: false, listening: 0, finish: () => {} };
  const waited = waitUntil({ clock, ...options }, (finish) => {
    seen.listening += 1;
    seen.finish = finish;
    return () => {
      seen.listening -= 1;
    };
  }).then(() => {
    seen.settled = true;
  });
  return { clock, seen, waited };
}

test("waitUntil settles when it is told", async () => {
  const { clock, seen, waited } = begin({ waitMs: 1_000 });
  seen.finish();
  await waited;
  expect(seen.listening).toBe(0);
  expect(clock.timerCount).toBe(0);
});

test("waitUntil settles when its time is over, not before", async () => {
  const { clock, seen, waited } = begin({ waitMs: 1_000 });

  clock.advance(999);
  await turns();
  expect(seen.settled).toBe(false);

  clock.advance(1);
  await waited;
  expect(seen.listening).toBe(0);
});

test("waitUntil settles when its signal aborts", async () => {
  const aborter = new AbortController();
  const { clock, seen, waited } = begin({ waitMs: 1_000, signal: aborter.signal });
  aborter.abort();
  await waited;
  expect(seen.listening).toBe(0);
  expect(clock.timerCount).toBe(0);
});

test.each([
  ["no time is given", { waitMs: 0 }],
  ["the time is over already", { waitMs: -5 }],
  ["the signal aborted before", { waitMs: 1_000, signal: AbortSignal.abort() }],
])("waitUntil does not listen where %s", async (_name, options) => {
  const { seen, waited } = begin(options);
  await waited;
  expect(seen.listening).toBe(0);
});

test("waitUntil settles when it is told while it begins to listen", async () => {
  const clock = new ManualClock();
  let listening = 0;

  await waitUntil({ clock, waitMs: 1_000 }, (finish) => {
    listening += 1;
    finish();
    return () => {
      listening -= 1;
    };
  });

  expect(listening).toBe(0);
  expect(clock.timerCount).toBe(0);
});

test("waitUntil is told twice without harm", async () => {
  const { seen, waited } = begin({ waitMs: 1_000 });
  seen.finish();
  seen.finish();
  await waited;
  expect(seen.listening).toBe(0);
});
