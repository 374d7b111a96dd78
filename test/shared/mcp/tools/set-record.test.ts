import { describe, expect, test } from "vitest";
import { fakeInstance } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { CALL_ID, FakeFleet, TIMESTAMP } from "../support/fake-fleet.ts";

const WRITE = { record_name: "sensor.temp", value: { celsius: 1 } };

function set(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "set_record", { ...WRITE, ...args });
}

function plant(): FakeFleet {
  return new FakeFleet([fakeInstance("gw-1/plant")]);
}

function writesOf({ asked }: FakeFleet): unknown[] {
  return asked.filter((each) => Object.hasOwn(Object(each), "set"));
}

describe("set_record", () => {
  test("says that the host acknowledged", async () => {
    const fleet = plant();

    const { isError, json } = await set(fleet);

    expect(isError).toBe(false);
    expect(json).toEqual({
      success: true,
      instance: "gw-1/plant",
      call_id: CALL_ID,
      timestamp: TIMESTAMP,
      outcome: "applied",
      record_name: "sensor.temp",
      echo: "same",
    });
    expect(writesOf(fleet)).toEqual([
      { set: "gw-1/plant", record: "sensor.temp", value: { celsius: 1 } },
    ]);
  });

  test.each(["refused", "not_applied", "unknown"] as const)(
    "is an error when the write is %s, and says why",
    async (outcome) => {
      const fleet = plant();
      const details = { retry_after_s: 5 };
      fleet.outcome = { outcome, code: "rate_limited", message: "\u202eToo often.", details };

      const { isError, json } = await set(fleet);

      expect(isError).toBe(true);
      expect(json).toEqual({
        success: false,
        instance: "gw-1/plant",
        call_id: CALL_ID,
        timestamp: TIMESTAMP,
        outcome,
        error: { code: "rate_limited", message: "\\u{202e}Too often.", retry_after_s: 5 },
      });
    },
  );

  test.each([null, 0, false, "", "text", [], [1, [2]], {}, { a: { b: null } }])(
    "writes %j",
    async (value) => {
      const fleet = plant();

      expect((await set(fleet, { value })).isError).toBe(false);
      expect(writesOf(fleet)).toMatchObject([{ value }]);
    },
  );

  test("refuses a token that may not write, before anything is asked", async () => {
    const fleet = plant();
    fleet.scopes = ["aimdb:read"];

    const { isError, json } = await set(fleet);

    expect(isError).toBe(true);
    expect(json.error).toEqual({
      code: "insufficient_scope",
      message: "This token may not write. It needs the scope aimdb:write.",
      required_scope: "aimdb:write",
    });
    expect(fleet.asked).toEqual([]);
  });

  test.each([{ value: undefined }, { value: "a\u0000b" }, { value: 2 ** 60 }])(
    "refuses $value before anything is asked",
    async (args) => {
      const fleet = plant();

      const { isError, json } = await set(fleet, args);

      expect(isError).toBe(true);
      expect(json.error.code).toBe("invalid_input");
      expect(fleet.asked).toEqual([]);
    },
  );

  test("refuses a value with a field named __proto__", async () => {
    const fleet = plant();

    const { json } = await set(fleet, { value: JSON.parse('{"a":{"__proto__":{"b":1}}}') });

    expect(json.error.code).toBe("invalid_input");
    expect(fleet.asked).toEqual([]);
  });

  test("writes nothing where several instances fit, and names them", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant"), fakeInstance("gw-2/plant")]);

    for (const args of [{}, { instance: "plant" }, { instance: "*" }]) {
      const { json } = await set(fleet, args);
      expect(json.error).toMatchObject({
        code: "ambiguous_instance",
        candidates: ["gw-1/plant", "gw-2/plant"],
      });
    }
    expect(writesOf(fleet)).toEqual([]);
  });

  test("finds the only instance that has the record", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", ["other"]), fakeInstance("gw-2/x")]);

    await set(fleet);

    expect(writesOf(fleet)).toMatchObject([{ set: "gw-2/x" }]);
  });
});
