import { expect, test } from "vitest";
import { resolveRecord } from "../../../../relay/instances/reading/resolve-record.ts";
import { rowOf } from "../../support/host-side/builders.ts";

const ROWS = [
  rowOf("sensor.temp", { type_name: "host::Temperature" }),
  rowOf("sensor.humidity", { type_name: "host::Humidity" }),
  rowOf("tank.a", { type_name: "host::Level" }),
  rowOf("tank.b", { type_name: "host::Level" }),
  rowOf("host::Humidity", { type_name: "host::Odd" }),
];

test.each([
  ["sensor.temp", "sensor.temp"],
  ["host::Temperature", "sensor.temp"],
  ["host::Humidity", "host::Humidity"],
])("resolveRecord takes %s for %s [M-2]", (name, key) => {
  expect(resolveRecord(ROWS, name)).toMatchObject({ ok: true, value: { record_key: key } });
});

test("resolveRecord names the nearest keys where there is no such record [M-2]", () => {
  expect(resolveRecord(ROWS, "sensor.tmp")).toEqual({
    ok: false,
    error: {
      code: "unknown_record",
      message:
        "This instance has no such record. Nearest: sensor.temp, sensor.humidity. Call list_records.",
      details: { nearest: ["sensor.temp", "sensor.humidity"] },
    },
  });
});

test("resolveRecord asks for a key where several records have the type [M-2]", () => {
  expect(resolveRecord(ROWS, "host::Level")).toEqual({
    ok: false,
    error: {
      code: "unknown_record",
      message: "Several records have this type. Name one by its key: tank.a, tank.b.",
      details: { nearest: ["tank.a", "tank.b"] },
    },
  });
});

test("resolveRecord says how many records of the type it does not name", () => {
  const rows = Array.from({ length: 12 }, (_, i) => rowOf(`t${i}`, { type_name: "host::Level" }));

  expect(resolveRecord(rows, "host::Level")).toMatchObject({
    error: { message: expect.stringMatching(/: t0, .*, t9, and 2 more\.$/) },
  });
});

test("resolveRecord says only what is true where nothing is near", () => {
  expect(resolveRecord(ROWS, "zzzzzzzzzzzzzzzzzzzzzz")).toMatchObject({
    error: {
      message: "This instance has no such record. Call list_records.",
      details: { nearest: [] },
    },
  });
});

test("resolveRecord names no key that is longer than a call may name", () => {
  const rows = [rowOf("sensor.temp".repeat(100)), rowOf("sensor.temp2")];
  expect(resolveRecord(rows, "sensor.temp")).toMatchObject({
    error: { details: { nearest: ["sensor.temp2"] } },
  });
});
