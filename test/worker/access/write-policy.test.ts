import { describe, expect, test } from "vitest";
import {
  approverOf,
  DEFAULT_WRITE_POLICY,
  ruleFor,
  ruleForAll,
  satisfies,
  writePolicySchema,
} from "../../../worker/access/write-policy.ts";

function policyOf(...rules: object[]) {
  return writePolicySchema.parse({ rules });
}

const TARGET = { instance: "gw-1/plant", record: "app.settings" };

describe("ruleFor()", () => {
  test("opens everything, with a person's confirmation, if a team has set nothing", () => {
    expect(ruleFor(DEFAULT_WRITE_POLICY, TARGET)).toEqual({
      confirm: "human",
      limits: [],
      maxPerMinute: undefined,
    });
    expect(DEFAULT_WRITE_POLICY).toMatchObject({
      writes_per_minute: 10,
      writes_per_minute_per_record: 2,
    });
  });

  test.each([
    ["no rule", []],
    ["rules of other records", [{ record: "sensor.*" }]],
    ["rules of other instances", [{ record: "*", instance: "gw-2/*" }]],
  ])("opens nothing with %s", (_name, rules) => {
    expect(ruleFor(policyOf(...rules), TARGET)).toBeUndefined();
  });

  test("holds the strictest of all that match, and every bound", () => {
    const rules = [
      { record: "app.*", confirm: "never", fields: { a: { max: 9 } }, max_per_minute: 5 },
      { record: "*", instance: "gw-1/*", confirm: "client", max_per_minute: 3 },
      { record: "app.settings", confirm: "never", fields: { a: { max: 5 } } },
    ];

    expect(ruleFor(policyOf(...rules), TARGET)).toEqual({
      confirm: "client",
      limits: [{ a: { max: 9 } }, { a: { max: 5 } }],
      maxPerMinute: 3,
    });
  });

  test("takes a rule without a confirmation for one that asks a person", () => {
    expect(
      ruleFor(policyOf({ record: "*" }, { record: "*", confirm: "never" }), TARGET),
    ).toMatchObject({ confirm: "human" });
  });
});

describe("ruleForAll()", () => {
  test.each([
    ["no rule", []],
    ["rules of some records only", [{ record: "app.*" }, { record: "sensor.*" }]],
    ["rules of other instances", [{ record: "*", instance: "gw-2/*" }]],
  ])("opens nothing with %s", (_name, rules) => {
    expect(ruleForAll(policyOf(...rules), TARGET.instance)).toBeUndefined();
  });

  test("asks nobody if no rule says so: the person asked by default is asked about values", () => {
    expect(ruleForAll(DEFAULT_WRITE_POLICY, TARGET.instance)).toMatchObject({ confirm: "never" });
    expect(
      ruleForAll(policyOf({ record: "*" }, { record: "a", confirm: "client" }), TARGET.instance),
    ).toMatchObject({ confirm: "client" });
  });

  test("holds the strictest rule about any record of the instance", () => {
    const open = { record: "*", confirm: "never", max_per_minute: 9 };
    const strict = { record: "heater.*", confirm: "human", max_per_minute: 2 };

    expect(ruleForAll(policyOf(open), TARGET.instance)).toMatchObject({ confirm: "never" });
    expect(ruleForAll(policyOf(open, strict), TARGET.instance)).toMatchObject({
      confirm: "human",
      maxPerMinute: 2,
    });
    expect(
      ruleForAll(policyOf(open, { ...strict, instance: "gw-2/*" }), TARGET.instance),
    ).toMatchObject({ confirm: "never", maxPerMinute: 9 });
  });
});

test.each([
  { team: "never", device: "never", form: true, approver: "never" },
  { team: "client", device: "never", form: true, approver: "client" },
  { team: "client", device: "never", form: false, approver: "human" },
  { team: "human", device: "never", form: true, approver: "human" },
  { team: "never", device: "always", form: true, approver: "client" },
  { team: "never", device: "always", form: false, approver: "human" },
  { team: "client", device: "always", form: true, approver: "client" },
  { team: "human", device: "always", form: true, approver: "human" },
  { team: "never", device: "local", form: true, approver: "local" },
  { team: "human", device: "local", form: true, approver: "local" },
] as const)(
  "approverOf() a team that says $team at a device that says $device is $approver (form: $form)",
  ({ team, device, form, approver }) => {
    expect(approverOf(team, device, { form })).toBe(approver);
  },
);

test.each([
  { given: undefined, team: "never", device: "never", is: true },
  { given: undefined, team: "client", device: "never", is: false },
  { given: "client", team: "client", device: "never", is: true },
  { given: "client", team: "human", device: "never", is: false },
  { given: "human", team: "human", device: "always", is: true },
  { given: "human", team: "client", device: "always", is: true },
  { given: undefined, team: "never", device: "always", is: false },
  { given: undefined, team: "human", device: "local", is: true },
] as const)(
  "satisfies() of $given for a team that says $team at a device that says $device is $is",
  ({ given, team, device, is }) => {
    expect(satisfies(given, team, device)).toBe(is);
  },
);

describe("the schema of a policy refuses", () => {
  test.each<[string, object]>([
    ["no rules", {}],
    ["101 rules", { rules: Array.from({ length: 101 }, () => ({ record: "*" })) }],
    ["an unknown field", { rules: [], confirm: "never" }],
    ["an unknown field of a rule", { rules: [{ record: "*", assume_no_producer: true }] }],
    ["an empty range", { rules: [{ record: "*", fields: { a: { min: 2, max: 1 } } }] }],
    ["another confirmation", { rules: [{ record: "*", confirm: "local" }] }],
    ["no whole rate", { rules: [], writes_per_minute: 0.5 }],
    ["a negative rate", { rules: [], writes_per_minute_per_record: -1 }],
    [
      "51 fields",
      {
        rules: [
          {
            record: "*",
            fields: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [i, {}])),
          },
        ],
      },
    ],
  ])("%s", (_name, policy) => {
    expect(writePolicySchema.safeParse(policy).success).toBe(false);
  });
});
