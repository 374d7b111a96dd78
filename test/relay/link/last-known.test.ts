import { describe, expect, test } from "vitest";
import type { LastKnown } from "#shared/link/last-known.ts";
import { LastKnownTeller, type KnownInstance } from "../../../relay/link/last-known.ts";
import type { LastReading } from "../../../relay/instances/observing/last-readings.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const INTERVAL_MS = 60_000;

function reading(record: string, change: Partial<LastReading["sample"]> = {}): LastReading {
  return {
    recordKey: record,
    loss: "counted",
    sample: {
      value: 1,
      atMs: 10_500,
      timeSource: "observed",
      missed: 0,
      sequence: 1,
      epoch: "e.0",
      bytes: 161,
      ...change,
    },
  };
}

/** A session that began with the clock. */
function begin(options: { intervalMs?: number } = {}) {
  const clock = new ManualClock();
  const told: LastKnown[] = [];
  const known = { instances: [] as KnownInstance[] };
  const teller = new LastKnownTeller({
    read: () => known.instances,
    intervalMs: INTERVAL_MS,
    clock,
    ...options,
  });
  const start = () =>
    teller.begin({ startMs: clock.monotonicMs(), send: (frame) => told.push(frame) > 0 });
  start();
  const holds = (...readings: LastReading[]) => {
    known.instances = [{ name: "boiler", readings }];
  };
  return { clock, told, known, teller, start, holds };
}

function keysOf({ instances }: LastKnown): string[] {
  return instances.flatMap(({ name, readings }) =>
    readings.map(({ record_key }) => `${name}/${record_key}`),
  );
}

describe("LastKnownTeller", () => {
  test("tells what records hold, in time of the session clock [K-1]", () => {
    const { clock, told, holds } = begin();
    holds(reading("a", { atMs: clock.monotonicMs() + 500.25, value: { n: 7 } }));

    clock.advance(INTERVAL_MS);

    expect(told).toEqual([
      {
        t: "last_known",
        instances: [
          {
            name: "boiler",
            readings: [
              {
                record_key: "a",
                loss: "counted",
                sample: {
                  value: { n: 7 },
                  at_ms: 500.25,
                  time_source: "observed",
                  sequence: 1,
                  epoch: "e.0",
                },
              },
            ],
          },
        ],
      },
    ]);
  });

  test("tells only what is new, and nothing where nothing is [K-1] [K-2]", () => {
    const { clock, told, holds } = begin();
    holds(reading("a"), reading("b"));
    clock.advance(INTERVAL_MS);
    clock.advance(INTERVAL_MS);
    expect(told).toHaveLength(1);

    holds(reading("a"), reading("b", { sequence: 2 }), reading("c", { epoch: "e.1" }));
    clock.advance(INTERVAL_MS);

    expect(told.map(keysOf)).toEqual([
      ["boiler/a", "boiler/b"],
      ["boiler/b", "boiler/c"],
    ]);
  });

  test("tells a new session everything again [K-1]", () => {
    const { clock, told, teller, start, holds } = begin();
    holds(reading("a"));
    teller.tell();
    teller.end();
    clock.advance(INTERVAL_MS);
    start();
    teller.tell();

    expect(told).toHaveLength(2);
  });

  test("tells nothing between sessions", () => {
    const { clock, told, teller, holds } = begin();
    holds(reading("a"));
    teller.end();

    teller.tell();

    expect(told).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });

  test("tells nothing, not even at the end, where the interval is 0 [K-2]", () => {
    const { clock, told, teller, holds } = begin({ intervalMs: 0 });
    holds(reading("a"));

    teller.tell();

    expect(told).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });

  test("leaves out an instance's oldest where its part would be too long, and tells them next [K-4]", () => {
    const { told, teller, holds } = begin();
    const readings = [5, 3, 1, 2, 4].map((n) =>
      reading(`r${n}`, { atMs: n, value: "温".repeat(20_000) }),
    );
    holds(...readings);

    teller.tell();
    teller.tell();

    expect(told.map(keysOf)).toEqual([
      ["boiler/r5", "boiler/r4", "boiler/r3", "boiler/r2"],
      ["boiler/r1"],
    ]);
    expect(Buffer.byteLength(JSON.stringify(told[0]))).toBeLessThan(256 * 1024);
  });

  test("leaves out the oldest of all where the frame would be too long [K-4]", () => {
    const { told, teller, known } = begin();
    known.instances = ["a", "b", "c"].map((name, i) => ({
      name,
      readings: [1, 2, 3, 4].map((n) =>
        reading(`r${n}`, { atMs: 10 * i + n, value: "x".repeat(50_000) }),
      ),
    }));

    teller.tell();

    expect(told.flatMap(keysOf)).toHaveLength(10);
    expect(told.flatMap(keysOf)).not.toContain("a/r1");
    expect(Buffer.byteLength(JSON.stringify(told[0]))).toBeLessThan(512 * 1024);
  });

  test("counts what is around the readings too [K-4]", () => {
    const { told, teller, known } = begin();
    known.instances = Array.from({ length: 64 }, (_, i) => ({
      name: `instance-${i}`,
      readings: [reading("r", { atMs: i, value: "x".repeat(8_050) })],
    }));

    teller.tell();

    const sizes = told.map((frame) => Buffer.byteLength(JSON.stringify(frame)));
    expect(sizes).toEqual([expect.toSatisfy((size) => size > 500 * 1024 && size <= 512 * 1024)]);
  });
});
