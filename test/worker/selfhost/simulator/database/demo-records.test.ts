import { expect, test } from "vitest";
import {
  demoRecords,
  temperature,
} from "../../../../../worker/selfhost/simulator/database/demo-records.ts";

test("the demo serves its eight records", () => {
  expect(demoRecords().map(({ key, buffer }) => `${key} ${buffer.kind}`)).toEqual([
    "sensor.temp spmc_ring",
    "sensor.locked single_latest",
    "derived.fahrenheit single_latest",
    "app.settings single_latest",
    "device.command mailbox",
    "device.idle mailbox",
    "internal.secret single_latest",
    "app.readonly single_latest",
  ]);
});

test("the demo's temperature moves slowly, in tenths of a degree", () => {
  const celsius = Array.from({ length: 1000 }, (_, n) => {
    const sample = temperature(n, 0) as { celsius: number };
    return sample.celsius;
  });

  for (const [n, value] of celsius.entries()) {
    expect(Math.round(value * 10) / 10).toBe(value);
    expect(Math.abs(value - (celsius[n - 1] ?? value))).toBeLessThan(0.35);
  }
  expect(Math.max(...celsius) - Math.min(...celsius)).toBeGreaterThan(3);
});
