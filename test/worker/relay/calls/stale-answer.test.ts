import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { AnnouncedInstance, Inventory } from "#shared/link/inventory.ts";
import type { LinkReading } from "#shared/link/last-known.ts";
import { METHODS, type CallMethod } from "#shared/link/method.ts";
import { staleAnswer } from "../../../../worker/relay/calls/stale-answer.ts";
import { getResult } from "../../../support/link/link-samples.ts";
import { announced } from "../../support/builders.ts";

const SINCE = "2026-11-20T10:00:00.000Z";
const OFFLINE = failure("relay_offline", "No link.");
const REFUSED = { ok: false, failure: OFFLINE };
const TEMP: LinkReading = { ...getResult({ at_ms: 1_700_000_000_000 }), record_key: "sensor.temp" };

function ask(
  params: unknown,
  { method = "record.get", instance = announced() }: Partial<Asked> = {},
): ReturnType<typeof staleAnswer> {
  const inventory: Inventory = {
    t: "inventory",
    confirm_writes: "never",
    instances: [instance],
    skipped: [],
  };
  const read = (name: string) =>
    new Map(name === "plant" ? [["sensor.temp", TEMP]] : []) as ReadonlyMap<string, LinkReading>;
  return staleAnswer(
    { instance: "plant", method, params },
    { inventory, read, since: SINCE },
    OFFLINE,
  );
}

interface Asked {
  readonly method: CallMethod;
  readonly instance: AnnouncedInstance;
}

const RECORD = { record: "sensor.temp" };

describe("staleAnswer()", () => {
  test("gives the last known reading, its time in Unix milliseconds, and since when [K-6]", () => {
    expect(ask(RECORD)).toEqual({
      ok: true,
      value: TEMP,
      sessionStartedAtMs: 0,
      staleSince: SINCE,
    });
  });

  test("takes a type name that only one record has [K-6]", () => {
    expect(ask({ record: "server::Temperature" })).toMatchObject({ ok: true, value: TEMP });
  });

  test("takes no type name that several records have", () => {
    const records = ["sensor.temp", "b"].map((key) => ({ key, type_name: "T" }));

    expect(ask({ record: "T" }, { instance: announced({ records }) })).toEqual(REFUSED);
  });

  test("gives each of several records its own outcome [K-6]", () => {
    const answer = ask({ records: ["sensor.temp", "none"] }, { method: "record.get_many" });

    expect(answer).toMatchObject({
      ok: true,
      staleSince: SINCE,
      value: {
        entries: [
          { record: "sensor.temp", ok: TEMP },
          { record: "none", err: "relay_offline" },
        ],
      },
    });
    expect(
      METHODS["record.get_many"].result.safeParse(answer.ok ? answer.value : undefined).success,
    ).toBe(true);
  });

  test.each([
    ["a record without a known value", { record: "none" }, {}],
    ["several of them", { records: ["x", "y"] }, { method: "record.get_many" }],
    ["what is no reading", RECORD, { method: "record.schema" }],
    ["parameters of another form", { record: 7 }, {}],
    ["an instance that is not announced", RECORD, { instance: announced({ name: "other" }) }],
  ] as const)("is that the relay is offline for %s", (_what, params, asked) => {
    expect(ask(params, asked)).toEqual(REFUSED);
  });

  test("gives no value of a record that is no longer announced [K-7]", () => {
    expect(ask(RECORD, { instance: announced({ records: [] }) })).toEqual(REFUSED);
  });

  test("gives a value if the list did not fit into the inventory [K-7]", () => {
    const { records: _left, ...instance } = announced();

    expect(ask(RECORD, { instance })).toMatchObject({ ok: true });
  });

  test("gives no value of an instance that has not been up since its relay started [K-7]", () => {
    const { records: _left, protocol_version: _never, ...instance } = announced({ state: "down" });

    expect(ask(RECORD, { instance })).toEqual(REFUSED);
  });
});
