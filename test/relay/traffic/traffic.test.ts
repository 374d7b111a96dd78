import { describe, expect, test } from "vitest";
import { periodAt } from "../../../relay/traffic/periods.ts";
import { NO_TRAFFIC, Traffic } from "../../../relay/traffic/traffic.ts";

const NOON = Date.UTC(2026, 10, 30, 12, 10);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

test.each([
  ["hour", Date.UTC(2026, 10, 30, 12), Date.UTC(2026, 10, 30, 13)],
  ["month", Date.UTC(2026, 10), Date.UTC(2026, 11)],
] as const)(
  "the %s is that of UTC, from its begin to before the next one's",
  (name, beginMs, endMs) => {
    for (const wallMs of [beginMs, NOON, endMs - 1]) {
      expect(periodAt(name, wallMs)).toEqual({ beginMs, endMs });
    }
    expect(periodAt(name, endMs).beginMs).toBe(endMs);
  },
);

test("the year turns with its last month", () => {
  expect(periodAt("month", Date.UTC(2026, 11, 31, 23, 59)).endMs).toBe(Date.UTC(2027, 0));
});

describe("Traffic", () => {
  test("counts what is sent and received in the hour and in the month", () => {
    const traffic = new Traffic(NO_TRAFFIC, NOON);
    traffic.noteSent(100);
    traffic.noteReceived(7);
    traffic.noteSent(1);

    const sum = { sent: 101, received: 7 };
    expect(traffic.look(NOON + MINUTE_MS)).toMatchObject({ hour: sum, month: sum });
  });

  test("gives an hour what came before it turned, and begins the next with nothing", () => {
    const traffic = new Traffic(NO_TRAFFIC, NOON);
    traffic.noteSent(100);
    const next = traffic.look(NOON + HOUR_MS);
    traffic.noteSent(5);

    expect(next).toMatchObject({ hour: { sent: 0 }, month: { sent: 100 } });
    expect(traffic.look(NOON + HOUR_MS)).toMatchObject({ hour: { sent: 5 }, month: { sent: 105 } });
  });

  test("begins a month with nothing", () => {
    const traffic = new Traffic(NO_TRAFFIC, NOON);
    traffic.noteReceived(100);

    expect(traffic.look(Date.UTC(2026, 11))).toMatchObject({ month: { received: 0 } });
  });

  test("goes on after a restart", () => {
    const before = new Traffic(NO_TRAFFIC, NOON);
    before.noteSent(100);
    before.look(NOON);
    const after = new Traffic(before.counted, NOON + MINUTE_MS);
    after.noteSent(1);

    expect(after.look(NOON + MINUTE_MS)).toMatchObject({
      hour: { sent: 101 },
      month: { sent: 101 },
    });
  });

  test.each([
    ["1970", 0],
    ["a year ahead", Date.UTC(2027, 11, 1)],
  ])("goes on with the month that it was in before its clock stood in %s", (_when, wrongMs) => {
    const before = new Traffic(NO_TRAFFIC, NOON);
    before.noteSent(100);
    before.look(NOON);
    const after = new Traffic(before.counted, wrongMs);
    after.noteSent(3);
    after.look(wrongMs);

    expect(after.look(NOON)).toMatchObject({ hour: { sent: 100 }, month: { sent: 100 } });
  });

  test("keeps no more than the last three of each", () => {
    const traffic = new Traffic(NO_TRAFFIC, NOON);
    for (let hour = 0; hour < 5_000; hour += 1) traffic.look(NOON + hour * HOUR_MS);

    const { hours, months } = traffic.counted;
    expect([hours.length, months.length]).toEqual([3, 3]);
  });
});
