import { expect, test } from "vitest";
import { readingsIn } from "../../../../worker/relay/calls/readings-in.ts";
import { getResult, readResult, sample } from "../../../support/link/link-samples.ts";

const A = { ...getResult(), record_key: "a" };

test("what record.get gave is a reading", () => {
  expect(readingsIn("record.get", A)).toEqual([A]);
});

test("of what record.get_many gave those that succeeded are readings", () => {
  const entries = [
    { record: "a", ok: A },
    { record: "b", err: "no_value", message: "Nothing." },
  ];

  expect(readingsIn("record.get_many", { entries })).toEqual([A]);
});

test("of what samples.read gave the last sample is a reading", () => {
  const samples = [sample({ sequence: 1 }), sample({ sequence: 2 })];

  expect(readingsIn("samples.read", readResult({ samples }))).toEqual([
    { record_key: "sensor.temp", loss: "counted", sample: sample({ sequence: 2 }) },
  ]);
});

test("of what samples.watch gave the last sample of each record is a reading", () => {
  const samples = [sample({ sequence: 1 }), sample({ sequence: 2 })];
  const entries = [
    { record: "a", ok: readResult({ samples }) },
    { record: "b", err: "no_value" },
  ];

  expect(readingsIn("samples.watch", { entries, more: false })).toEqual([
    { record_key: "sensor.temp", loss: "counted", sample: sample({ sequence: 2 }) },
  ]);
});

test.each([
  ["samples.watch", { entries: [{ record: "a", ok: readResult() }] }],
  ["samples.watch", { entries: 3 }],
  ["samples.read", readResult()],
  ["samples.read", { samples: [sample()] }],
  ["samples.read", "nothing"],
  ["record.get", { sample: "none" }],
  ["record.get_many", { entries: 3 }],
  ["record.set", { outcome: "applied", record_key: "a", echo: "same" }],
  ["record.list", { records: [] }],
] as const)("%s with %j has no reading", (method, value) => {
  expect(readingsIn(method, value)).toEqual([]);
});
