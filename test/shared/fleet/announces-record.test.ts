import { describe, expect, test } from "vitest";
import { announcesRecord } from "#shared/fleet/announces-record.ts";

const RECORDS = [
  { key: "sensor.temp", type_name: "server::Temperature" },
  { key: "app.settings", type_name: "server::Settings" },
];

describe("announcesRecord()", () => {
  test.each(["sensor.temp", "server::Temperature"])("finds %s", (record) => {
    expect(announcesRecord(RECORDS, record)).toEqual({ hasRecord: true });
  });

  test("names the closest to what is not there", () => {
    expect(announcesRecord(RECORDS, "sensor.tmp")).toEqual({
      hasRecord: false,
      nearestRecords: ["sensor.temp"],
    });
  });

  test("names none that can't be asked for", () => {
    const long = [{ key: `sensor.${"x".repeat(300)}`, type_name: "T" }];

    expect(announcesRecord(long, "sensor.")).toEqual({ hasRecord: false, nearestRecords: [] });
  });

  test("can't tell where the list did not fit, or nothing was asked", () => {
    expect(announcesRecord(undefined, "sensor.temp")).toEqual({ hasRecord: null });
    expect(announcesRecord(RECORDS, undefined)).toEqual({ hasRecord: null });
  });
});
