import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { unitsOf } from "#shared/schema/numeric-unit.ts";
import { ShapeOfValues } from "#shared/schema/value-shape.ts";

function units(
  value: JsonValue,
  { typeName = "Thing", signals = [] }: { typeName?: string; signals?: JsonValue[] } = {},
) {
  const shapes = new ShapeOfValues();
  shapes.see(value);
  return Object.fromEntries(unitsOf(shapes.root, { typeName, signals }));
}

describe("unitsOf takes a unit", () => {
  test("from the host where a signal has the field's name, above all else", () => {
    const signals = [
      { signal: "celsius", unit: "K" },
      { signal: "humidity", unit: "g/m³" },
    ];
    expect(units({ celsius: 1, humidity: 2 }, { signals })).toEqual({
      celsius: { unit: "K" },
      humidity: { unit: "g/m³" },
    });
  });

  test("from the field's name", () => {
    expect(units({ cpu_percent: 1, x: 2, y: 3 })).toEqual({
      cpu_percent: { unit: "%", by: "its name" },
    });
  });

  test("from the host's only signal where the value has only one number", () => {
    const signals = [{ signal: "temperature", unit: "°C", last: 1.5 }];
    const value = { id: 7, reading: 1.5, timestamp: 1_795_171_237_452 };
    expect(units(value, { signals })).toEqual({
      reading: { unit: "°C", by: `the host's only signal, "temperature"` },
    });
  });

  test("from the field beside the only number", () => {
    expect(units({ schema_version: 1, temp: 20.5, unit: "C" })).toEqual({
      temp: { unit: "C", by: "the field beside it" },
    });
  });

  test("from the type's name for the only number", () => {
    expect(units({ value: 70.5 }, { typeName: "TemperatureFahrenheit" })).toEqual({
      value: { unit: "°F", by: "the type's name" },
    });
    expect(units(70.5, { typeName: "Percent" })).toEqual({
      "": { unit: "%", by: "the type's name" },
    });
  });
});

describe("unitsOf takes no unit", () => {
  test("for one of several numbers from what may mean another", () => {
    const signals = [{ signal: "temperature", unit: "°C" }];
    expect(units({ a: 1, b: 2, unit: "C" }, { typeName: "Celsius", signals })).toEqual({});
  });

  test("from signals of another form", () => {
    const signals = [null, 7, { signal: "x" }, { signal: "x", unit: "u".repeat(21) }];
    expect(units({ x: 1 }, { signals })).toEqual({});
  });

  test("from a field beside it that changes", () => {
    const shapes = new ShapeOfValues();
    for (const unit of ["C", "F"]) shapes.see({ temp: 1, unit });
    expect(unitsOf(shapes.root, { typeName: "Thing", signals: [] }).size).toBe(0);
  });
});
