/** A record of 200 samples a second, watched for a condition: at `npm start`, over the relay's link. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Installation } from "../support/processes/installation.ts";

let at: Installation;

beforeAll(async () => {
  at = await Installation.open({ periodMs: 5 });
});

afterAll(() => at?.close());

const RECORD = { instance: "gw-1/plant", record_name: "sensor.temp" };

test("every sample is checked in one call, and what is not shown is not called lost", async () => {
  const args = { ...RECORD, duration_seconds: 5, until: "celsius < -300" };

  const { json } = await at.client.call("subscribe_record", args);

  const { checked_events } = json.until;
  expect(checked_events).toBeGreaterThan(300);
  expect(json).toMatchObject({ complete: true, dropped_events: 0, until: { met: false } });
  expect(json.gaps).toBeUndefined();
  expect(json.events.length + json.events_not_shown).toBe(checked_events);
  expect(json.stats.celsius.count).toBe(checked_events);
});

test("a call repeated with the cursor of the answer before gives its own answer again", async () => {
  const opened = { ...RECORD, duration_seconds: 4 };
  const before = (await at.client.call("subscribe_record", opened)).json;
  const { subscription_id, next_cursor: cursor } = before;
  const args = { ...RECORD, subscription_id, cursor, until: "celsius < -300" };

  const first = (await at.client.call("subscribe_record", args)).json;
  const second = (await at.client.call("subscribe_record", args)).json;

  expect(before.complete).toBe(false);
  expect(first.complete).toBe(true);
  expect(first.until.checked_events).toBeGreaterThan(200);
  expect(second).toEqual(first);
});
