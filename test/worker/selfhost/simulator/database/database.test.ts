import { expect, test } from "vitest";
import { Database } from "../../../../../worker/selfhost/simulator/database/database.ts";
import { demoRecords } from "../../../../../worker/selfhost/simulator/database/demo-records.ts";
import { objectOf } from "../../../../../worker/selfhost/simulator/json/value.ts";

const NOW_NS = 1_795_171_712_000_000_000n;
const TEMPERATURE = { sensor_id: "s-0", celsius: 20.1, timestamp: 5 };

function demoDatabase(): Database {
  return new Database(demoRecords(), NOW_NS);
}

test("a database writes initial values once", () => {
  expect(demoDatabase().find("app.readonly")?.lastWritten?.declared).toBe('{"up":7}');
});

test("a database derives a transform's record from its input", () => {
  const database = demoDatabase();
  database.produce("sensor.temp", TEMPERATURE, NOW_NS);

  database.runTaps(NOW_NS);

  expect(database.find("derived.fahrenheit")?.buffer.peek()?.declared).toBe('{"fahrenheit":68.18}');
});

test("a database persists what a persisted record produced", () => {
  const database = demoDatabase();
  database.produce("sensor.temp", TEMPERATURE, NOW_NS);

  database.runTaps(NOW_NS);

  expect(database.history.select({ matches: () => true, limitPerRecord: 9n })).toEqual([
    {
      record: "sensor.temp",
      storedAtMs: 1_795_171_712_000n,
      text: '{"celsius":20.100000381469727,"sensor_id":"s-0","timestamp":5}',
    },
  ]);
});

test("a database lets the application consume a mailbox", () => {
  const database = demoDatabase();
  database.produce("device.command", { op: "go", n: 1 }, NOW_NS);

  database.runTaps(NOW_NS);

  const record = database.find("device.command");
  expect(record?.buffer.peek()).toBeUndefined();
  expect(record?.lastTapped).toEqual(
    objectOf([
      ["op", "go"],
      ["n", 1n],
    ]),
  );
});

test("a database counts every reader of the application", () => {
  const database = demoDatabase();
  database.produce("sensor.temp", TEMPERATURE, NOW_NS);
  database.runTaps(NOW_NS);

  expect(database.find("sensor.temp")?.counters).toMatchObject({ produced: 1, consumed: 3 });
  database.resetCounters();
  expect(database.find("sensor.temp")?.counters).toMatchObject({ produced: 0, consumed: 0 });
});

test("a database has nothing for the application when nothing was produced", () => {
  expect(demoDatabase().runTaps(NOW_NS)).toBe(false);
});

test.each([
  ["no.such.record", { up: 1 }],
  ["app.readonly", { up: "x" }],
])("a database throws on a wrong production of %s", (key, value) => {
  expect(() => {
    demoDatabase().produce(key, value, NOW_NS);
  }).toThrow(/No record|does not fit/);
});

test("a source's stage time is the time between its productions", () => {
  const database = demoDatabase();
  database.produce("sensor.locked", { up: 0 }, NOW_NS);
  database.produce("sensor.locked", { up: 1 }, NOW_NS + 100n);
  database.produce("sensor.locked", { up: 2 }, NOW_NS + 400n);

  expect(database.find("sensor.locked")?.stages[0]?.row()).toMatchObject({
    call_count: 2n,
    total_time_ns: 400n,
    avg_time_ns: 200n,
    min_time_ns: 100n,
    max_time_ns: 300n,
  });
});
