import { describe, expect, test } from "vitest";
import { presentable } from "#shared/mcp/answers/presentable.ts";
import { ok } from "#shared/result.ts";
import { fakeInstance } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { CALL_ID, TIMESTAMP, WRITE_HEAD } from "../support/fake-writes.ts";

const WRITE = { record_name: "sensor.temp", value: { celsius: 1 } };

const UNKNOWN_NEXT =
  "Do not repeat the write. Ask get_write_outcome with call_id, or read the record.";

const AWAITING = {
  ...WRITE_HEAD,
  status: "awaiting_confirmation",
  current: { celsius: 20 },
  requested: { celsius: 21 },
  expiresAt: "2026-11-20T10:10:00.000Z",
} as const;

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
      {
        set: "gw-1/plant",
        record: "sensor.temp",
        value: { celsius: 1 },
        isDryRun: false,
        skipsValidation: false,
        asks: { form: false, url: false },
      },
    ]);
  });

  test("passes on what the write depends on", async () => {
    const fleet = plant();
    const more = { expected: null, idempotency_key: "k", dry_run: true, skip_validation: true };

    await set(fleet, more);

    expect(writesOf(fleet)).toMatchObject([
      { expected: null, idempotencyKey: "k", isDryRun: true, skipsValidation: true },
    ]);
  });

  test("says that a comparison was not atomic, and what the host may ignore", async () => {
    const fleet = plant();
    const applied = { outcome: "applied", record_key: "sensor.temp", echo: "same" } as const;
    fleet.outcome = { ...applied, compared: "not_atomic", warnings: ["unit\u202e was never seen"] };

    expect((await set(fleet)).json).toMatchObject({
      compared: "checked, not atomic",
      warnings: ["unit\\u{202e} was never seen"],
    });
  });

  test("says what the record held before, as other values are shown", async () => {
    const fleet = plant();
    const applied = { outcome: "applied", record_key: "sensor.temp", echo: "same" } as const;
    const value = { unit: "C\u202e" };
    fleet.outcome = { ...applied, previous: { value, age_ms: 52.4, time_source: "observed" } };

    expect((await set(fleet)).json).toMatchObject({
      previous: { value: { unit: "C\\u{202e}" }, age_ms: 52, timestamp_source: "observed" },
    });
  });

  test("says what a dry run found, and who would have to say yes", async () => {
    const fleet = plant();
    const checked = { status: "checked", current: 20, warnings: [], by: "human" } as const;
    fleet.reports = [ok({ ...WRITE_HEAD, ...checked })];

    const { isError, json } = await set(fleet, { dry_run: true });

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      success: true,
      status: "checked",
      changed: false,
      current: 20,
      needs: "a person's approval on the worker's page",
    });
  });

  test("that waits for a person changed nothing, and says so as the contract does", async () => {
    const fleet = plant();
    fleet.reports = [ok({ ...AWAITING, by: "human", confirmUrl: "https://w.example/confirm/x" })];

    const { isError, json } = await set(fleet);

    expect(isError).toBe(false);
    expect(json).toEqual({
      success: false,
      status: "awaiting_confirmation",
      changed: false,
      instance: "gw-1/plant",
      record_name: "sensor.temp",
      record: "sensor.temp",
      call_id: CALL_ID,
      timestamp: TIMESTAMP,
      current: { celsius: 20 },
      requested: { celsius: 21 },
      confirm_url: "https://w.example/confirm/x",
      expires_at: "2026-11-20T10:10:00.000Z",
      next: "Nothing was written. A person must open confirm_url and approve. Then call get_write_outcome with call_id. Calling set_record again does not confirm.",
    });
  });

  test("that waits on the device is refused, with how to approve it there", async () => {
    const fleet = plant();
    fleet.reports = [ok({ ...AWAITING, callId: "local.0123", by: "device" })];

    const { isError, json } = await set(fleet);

    expect(isError).toBe(true);
    expect(json).toMatchObject({
      status: "awaiting_confirmation",
      changed: false,
      error: {
        code: "confirmation_required",
        message: expect.stringMatching(/aimdb-relay confirm 0123\..*confirm_writes = false/),
      },
    });
  });

  test.each(["declined", "expired"] as const)("that was %s changed nothing", async (status) => {
    const fleet = plant();
    fleet.reports = [ok({ ...WRITE_HEAD, status })];

    const { isError, json } = await set(fleet);

    expect(isError).toBe(true);
    expect(json).toMatchObject({ success: false, status, changed: false });
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
        record_name: "sensor.temp",
        call_id: CALL_ID,
        timestamp: TIMESTAMP,
        outcome,
        error: { code: "rate_limited", message: "\\u{202e}Too often.", retry_after_s: 5 },
        next: outcome === "unknown" ? UNKNOWN_NEXT : undefined,
      });
    },
  );

  test.each([
    ["not_applied", "Slow. Ask again later, or for less at a time."],
    ["unknown", "Slow."],
  ] as const)(
    "that is %s says what helps, unless that would repeat it",
    async (outcome, message) => {
      const fleet = plant();
      fleet.outcome = { outcome, code: "instance_slow", message: "Slow." };

      expect((await set(fleet)).json.error.message).toBe(message);
    },
  );

  test("says where to look if the record reads back as something else", async () => {
    const fleet = plant();
    fleet.outcome = { outcome: "applied", record_key: "sensor.temp", echo: "differs" };

    expect((await set(fleet)).json).toMatchObject({
      success: true,
      echo: "differs",
      next: expect.stringContaining("Call get_record"),
    });
  });

  test.each([null, 0, false, "", "text", [], [1, [2]], {}, { a: { b: null } }])(
    "writes %j",
    async (value) => {
      const fleet = plant();

      expect((await set(fleet, { value })).isError).toBe(false);
      expect(writesOf(fleet)).toMatchObject([{ value }]);
    },
  );

  test.each([
    ["cut", "x".repeat(5_000)],
    ["escaped", "a\u200bb"],
  ])("refuses a text that was %s to be shown, unless it is meant", async (_how, text) => {
    const fleet = plant();
    const value = { note: [presentable(text)] };

    const { json } = await set(fleet, { value });

    expect(json.error).toMatchObject({ code: "invalid_input" });
    expect(writesOf(fleet)).toEqual([]);
    expect((await set(fleet, { value, skip_validation: true })).json.success).toBe(true);
  });

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
