/** The record set of the demo: every kind of buffer, origin and permission there is. */

import type { Shape } from "../json/shape.ts";
import { isObject } from "../json/value.ts";
import type { Input, Value } from "../json/value.ts";
import type { RecordDefinition } from "./record-definition.ts";

const TEMPERATURE: Shape = { struct: { sensor_id: "string", celsius: "f32", timestamp: "u64" } };
const FAHRENHEIT: Shape = { struct: { fahrenheit: "f32" } };
const STATUS: Shape = { struct: { up: "u64" } };
const SETTINGS: Shape = { struct: { log_level: "string", max: "u32" } };
const COMMAND: Shape = { struct: { op: "string", n: "i64" } };

/** `crate` is the first part of the type names, as Rust prints them. */
export function demoRecords(crate = "demo_host"): readonly RecordDefinition[] {
  return [...produced(crate), ...written(crate)];
}

function produced(crate: string): readonly RecordDefinition[] {
  return [
    {
      key: "sensor.temp",
      typeName: `${crate}::Temperature`,
      shape: TEMPERATURE,
      buffer: { kind: "spmc_ring", capacity: 16 },
      origin: { kind: "source", sample: temperature },
      taps: 2,
      persisted: true,
    },
    {
      key: "sensor.locked",
      typeName: `${crate}::Status`,
      shape: STATUS,
      buffer: { kind: "single_latest" },
      origin: { kind: "source", everyPeriods: 2, sample: (n) => ({ up: n }) },
      writable: true,
    },
    {
      key: "derived.fahrenheit",
      typeName: `${crate}::Fahrenheit`,
      shape: FAHRENHEIT,
      buffer: { kind: "single_latest" },
      origin: { kind: "transform", input: "sensor.temp", map: fahrenheit },
      writable: true,
    },
  ];
}

function written(crate: string): readonly RecordDefinition[] {
  return [
    {
      key: "app.settings",
      typeName: `${crate}::Settings`,
      shape: SETTINGS,
      buffer: { kind: "single_latest" },
      writable: true,
    },
    {
      key: "device.command",
      typeName: `${crate}::Command`,
      shape: COMMAND,
      buffer: { kind: "mailbox" },
      taps: 1,
      writable: true,
    },
    {
      key: "device.idle",
      typeName: `${crate}::Command`,
      shape: COMMAND,
      buffer: { kind: "mailbox" },
      writable: true,
    },
    {
      key: "internal.secret",
      typeName: `${crate}::Status`,
      shape: STATUS,
      buffer: { kind: "single_latest" },
      remoteAccess: false,
    },
    {
      key: "app.readonly",
      typeName: `${crate}::Status`,
      shape: STATUS,
      buffer: { kind: "single_latest" },
      initial: { up: 7 },
    },
  ];
}

/** Three sensors in turn on one slow wave with a ripple, in tenths of a degree like a real probe. */
export function temperature(n: number, nowMs: number): Input {
  const slow = 2.4 * Math.sin((2 * Math.PI * n) / 240);
  const ripple = 0.3 * Math.sin((2 * Math.PI * n) / 17);
  return {
    sensor_id: `s-${n % 3}`,
    celsius: Math.round((21.6 + slow + ripple) * 10) / 10,
    timestamp: nowMs,
  };
}

/** In f32 arithmetic, as the application's type has it. */
function fahrenheit(sample: Value): Input {
  const celsius = isObject(sample) ? sample["celsius"] : undefined;
  const scaled = Math.fround(Number(celsius) * Math.fround(1.8));
  return { fahrenheit: Math.fround(scaled + 32) };
}
