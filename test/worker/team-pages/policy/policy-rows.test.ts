import { describe, expect, test } from "vitest";
import { writePolicySchema } from "../../../../worker/access/write-policy.ts";
import { changeRows } from "../../../../worker/team-pages/policy/change-rows.ts";
import {
  EMPTY_LIMIT,
  EMPTY_RULE,
  readRows,
  rowsOf,
  type FormRows,
  type RuleRow,
} from "../../../../worker/team-pages/policy/form-rows.ts";
import { readPolicy } from "../../../../worker/team-pages/policy/read-policy.ts";

const FULL = {
  rules: [
    {
      record: "heater.*",
      instance: "gw-*",
      confirm: "client",
      max_per_minute: 2,
      fields: {
        celsius: { min: 5, max: 40.5, max_change: 0 },
        "mode.now": { enum: ["low", "5", 5, true, "a, b"] },
        ".": { min: -1e21 },
      },
    },
    { record: "*", confirm: "never" },
  ],
  writes_per_minute: 0,
  writes_per_minute_per_record: 6_000,
};

function policyOf(value: object) {
  return writePolicySchema.parse(value);
}

function formOf(value: object): FormRows {
  const rows = rowsOf(policyOf(value));
  if (!rows.ok) throw new Error(rows.error);
  return rows.value;
}

/** As a browser sends them. */
function sentFrom({ rules, ...rates }: FormRows): Record<string, string> {
  const named = rules.flatMap(({ limits, ...texts }, rule) => [
    ...Object.entries(texts).map(([name, text]) => [`rules.${rule}.${name}`, text]),
    ...limits.flatMap((limit, at) =>
      Object.entries(limit).map(([name, text]) => [`rules.${rule}.limits.${at}.${name}`, text]),
    ),
  ]);
  return { ...rates, ...(Object.fromEntries(named) as Record<string, string>) };
}

function problemsOf(rule: Partial<RuleRow>): Record<string, string> {
  const rows = { ...formOf({ rules: [] }), rules: [{ ...EMPTY_RULE, record: "a", ...rule }] };
  return Object.fromEntries(readPolicy(rows).problems);
}

describe("a policy in a form's rows", () => {
  test("is the same policy after it was sent", () => {
    const rows = readRows(sentFrom(formOf(FULL)));
    const { policy, problems } = readPolicy(rows);

    expect(problems.size).toBe(0);
    expect(writePolicySchema.parse(policy)).toEqual(policyOf(FULL));
  });

  test("says that a person confirms where it left that out", () => {
    expect(readPolicy(formOf({ rules: [{ record: "*" }] })).rules).toEqual([
      { record: "*", confirm: "human" },
    ]);
  });

  test.each([
    ["a name with a space at an end", { record: " a" }],
    ["an instance with a line break", { record: "a", instance: "gw\n1" }],
    ["half a character in a path", { record: "a", fields: { "\u{d800}": { min: 1 } } }],
    ["a limit without a bound", { record: "a", fields: { a: {} } }],
  ])("is none where it has %s", (_name, rule) => {
    expect(rowsOf(policyOf({ rules: [rule] })).ok).toBe(false);
  });

  test("is none with over 200 limits, which no page could show", () => {
    const fields = Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`f${n}`, { min: n }]));
    const rules = Array.from({ length: 5 }, () => ({ record: "a", fields }));

    expect(rowsOf(policyOf({ rules }))).toEqual({
      ok: false,
      error: "has over 200 limits on fields",
    });
  });
});

describe("what is wrong with a row is said by its field", () => {
  const limit = (texts: Partial<typeof EMPTY_LIMIT>) => ({
    limits: [{ ...EMPTY_LIMIT, path: "a", ...texts }],
  });

  test.each<[string, Partial<RuleRow>, Record<string, string>]>([
    [
      "no record",
      { record: " " },
      { "rules.0.record": "Name a record, or a pattern such as app.*" },
    ],
    [
      "a rate that is none",
      { max_per_minute: "2x" },
      { "rules.0.max_per_minute": "Write a number, such as 0.5" },
    ],
    [
      "a rate of 0",
      { max_per_minute: "0" },
      { "rules.0.max_per_minute": "This must be at least 1." },
    ],
    [
      "half a rate",
      { max_per_minute: "1.5" },
      { "rules.0.max_per_minute": "This must be a whole number." },
    ],
    [
      "nobody to confirm",
      { confirm: "x" },
      { "rules.0.confirm": expect.stringContaining("one of") },
    ],
    [
      "a decimal comma",
      limit({ min: "0,5" }),
      { "rules.0.limits.0.min": "Write a number, such as 0.5" },
    ],
    [
      "a number too large to be one",
      limit({ max: "1e400" }),
      { "rules.0.limits.0.max": "Write a number, such as 0.5" },
    ],
    [
      "a min above its max",
      limit({ min: "2", max: "1" }),
      { "rules.0.limits.0.min": "This is above its max." },
    ],
    [
      "a change below 0",
      limit({ max_change: "-1" }),
      { "rules.0.limits.0.max_change": "This must be at least 0." },
    ],
    [
      "too long a value",
      limit({ enum: "x".repeat(257) }),
      { "rules.0.limits.0.enum": expect.stringContaining("256") },
    ],
    [
      "no path",
      limit({ path: "", min: "1" }),
      { "rules.0.limits.0.path": expect.stringContaining("Name a field") },
    ],
    ["no bound", limit({}), { "rules.0.limits.0.path": "Give it a limit, or remove it." }],
  ])("%s", (_name, rule, problems) => {
    expect(problemsOf(rule)).toEqual(problems);
  });

  test("a field that is in the rule twice", () => {
    const row = { ...EMPTY_LIMIT, path: "a", min: "1" };

    expect(problemsOf({ limits: [row, EMPTY_LIMIT, row] })).toEqual({
      "rules.0.limits.2.path": "The rule has this field above.",
    });
  });

  test("over 50 fields, of the whole rule", () => {
    const limits = Array.from({ length: 51 }, (_, n) => ({
      ...EMPTY_LIMIT,
      path: `f${n}`,
      min: "1",
    }));

    expect(problemsOf({ limits })).toEqual({ "rules.0": "This has over 50 fields." });
  });

  test.each(["", "-1", "6001", "1.5", "x"])("a rate of %j", (text) => {
    const { problems } = readPolicy({ ...formOf({ rules: [] }), writes_per_minute: text });

    expect([...problems]).toEqual([
      ["writes_per_minute", "Write a whole number, 6000 at most; 0 is no limit."],
    ]);
  });
});

describe("changeRows()", () => {
  const rows = formOf(FULL);
  const recordsAfter = (action: string) =>
    changeRows(rows, action)?.rows.rules.map(({ record }) => record);
  const pathsAfter = (action: string) =>
    changeRows(rows, action)?.rows.rules[0]?.limits.map(({ path }) => path);

  test("adds and removes a rule, and keeps the others", () => {
    expect(recordsAfter("add_rule")).toEqual(["heater.*", "*", ""]);
    expect(recordsAfter("remove_rule.0")).toEqual(["*"]);
    expect(recordsAfter("remove_rule.7")).toEqual(["heater.*", "*"]);
  });

  test("adds and removes a limit of one rule", () => {
    expect(pathsAfter("add_limit.0")).toEqual(["celsius", "mode.now", ".", ""]);
    expect(pathsAfter("remove_limit.0.1")).toEqual(["celsius", "."]);
    expect(pathsAfter("remove_limit.1.0")).toEqual(["celsius", "mode.now", "."]);
  });

  test.each([
    ["add_rule", "rules.2.record"],
    ["remove_rule.0", "add_rule"],
    ["add_limit.1", "rules.1.limits.0.path"],
    ["remove_limit.0.1", "add_limit.0"],
  ])("goes on after %s at %s", (action, focus) => {
    expect(changeRows(rows, action)?.focus).toBe(focus);
  });

  test.each(["save", "check", "", "add_rule.x", "remove_rule.9999"])(
    "leaves %j alone",
    (action) => {
      expect(changeRows(rows, action)).toBeUndefined();
    },
  );
});
