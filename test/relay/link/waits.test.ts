import { expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import type { Method } from "#shared/link/method.ts";
import { isWait, LoggedWaits } from "../../../relay/link/waits.ts";
import { requestOf } from "../support/worker-side/link-request.ts";

const after = { epoch: "p.0", sequence: 1 };

test.each<[Method, JsonValue, boolean]>([
  ["samples.read", { record: "r", after, wait_ms: 1 }, true],
  ["samples.read", { record: "r", after, wait_ms: 0 }, false],
  ["samples.read", { record: "r", wait_ms: 1 }, false],
  ["samples.watch", { records: [{ record: "r", after }], wait_ms: 1 }, true],
  ["samples.watch", { records: [{ record: "r", after }, { record: "s" }], wait_ms: 1 }, false],
  ["samples.watch", { records: [{ record: "r", after }], wait_ms: 0 }, false],
  ["samples.watch", { records: ["r"], wait_ms: 1 }, false],
  ["record.get", { record: "r", after, wait_ms: 1 }, false],
  ["samples.read", [1], false],
])("isWait() of %s %j is %s [R-16]", (method, params, expected) => {
  expect(isWait(requestOf({ method, params }))).toBe(expected);
});

test("LoggedWaits names who waits for the same once a minute", () => {
  const waits = new LoggedWaits();

  expect(waits.isDue("ann r", 0)).toBe(true);
  expect(waits.isDue("ann r", 59_999)).toBe(false);
  expect(waits.isDue("bob r", 59_999)).toBe(true);
  expect(waits.isDue("ann r", 60_000)).toBe(true);
});

test("LoggedWaits keeps no more than a thousand", () => {
  const waits = new LoggedWaits();
  for (let n = 0; n < 1_000; n += 1) waits.isDue(`p${n}`, 0);

  expect(waits.isDue("p0", 1)).toBe(false);
  expect(waits.isDue("new", 1)).toBe(true);
  expect(waits.isDue("p0", 1)).toBe(true);
});
