import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_CONFIG, parseConfig, type Config } from "../../relay/config.ts";
import { anyCharacter } from "../support/any-character.ts";

function configFrom(text: string): Config {
  const parsed = parseConfig(text);
  if (!parsed.ok) throw new Error(parsed.error.join("\n"));
  return parsed.value;
}

function problemsOf(text: string): readonly string[] {
  const parsed = parseConfig(text);
  return parsed.ok ? [] : parsed.error;
}

test("parseConfig gives the defaults for an empty file", () => {
  expect(configFrom("")).toEqual(DEFAULT_CONFIG);
});

test("the defaults let nothing be written and hide nothing", () => {
  expect(DEFAULT_CONFIG).toMatchObject({
    allowedSockets: ["/tmp/*.sock", "/var/run/aimdb/*.sock"],
    allowedOwners: [],
    writableRecords: [],
    hiddenRecords: [],
    confirmWrites: "always",
    rateLimitPerMinute: 100,
    auditLog: undefined,
    lastKnownIntervalMs: 900_000,
    linkBudget: { hour: undefined, month: undefined },
    caFile: undefined,
  });
});

describe("parseConfig reads", () => {
  test.each<[string, Partial<Config>]>([
    ['allowed_sockets = ["/run/a.sock"]', { allowedSockets: ["/run/a.sock"] }],
    ["allowed_sockets = []", { allowedSockets: [] }],
    ["allowed_owners = [1000, 0]", { allowedOwners: [1000, 0] }],
    ['hidden_records = ["internal.*"]', { hiddenRecords: ["internal.*"] }],
    ["confirm_writes = true", { confirmWrites: "always" }],
    ["confirm_writes = false", { confirmWrites: "never" }],
    ['confirm_writes = "local"', { confirmWrites: "local" }],
    ["rate_limit = 0", { rateLimitPerMinute: 0 }],
    ["rate_limit = 600", { rateLimitPerMinute: 600 }],
    ['audit_log = "/var/log/a.log"', { auditLog: "/var/log/a.log" }],
    ["last_known_interval_minutes = 0", { lastKnownIntervalMs: 0 }],
    ["last_known_interval_minutes = 1440", { lastKnownIntervalMs: 86_400_000 }],
    ['link_budget_per_hour = "10MB"', { linkBudget: { hour: 10_000_000, month: undefined } }],
    ['link_budget_per_month = "1.5 GB"', { linkBudget: { hour: undefined, month: 1_500_000_000 } }],
    ['ca_file = "/etc/ca.pem"', { caFile: "/etc/ca.pem" }],
    ['writable_records = ["app.*"]', { writableRecords: [{ record: "app.*" }] }],
  ])("%s", (text, expected) => {
    expect(configFrom(text)).toEqual({ ...DEFAULT_CONFIG, ...expected });
  });

  test("globs and tables in one list of writable records", () => {
    const { writableRecords } = configFrom(`
writable_records = [
  "app.*",
  { record = "tank.setpoint", instance = "boiler-*", max_per_minute = 2, assume_no_producer = true, fields = { celsius = { min = 5, max = 90.5, max_change = 0 }, mode = { enum = ["on", 1, true] } } },
]`);
    expect(writableRecords).toEqual([
      { record: "app.*" },
      {
        record: "tank.setpoint",
        instance: "boiler-*",
        max_per_minute: 2,
        assume_no_producer: true,
        fields: {
          celsius: { min: 5, max: 90.5, max_change: 0 },
          mode: { enum: ["on", 1, true] },
        },
      },
    ]);
  });

  test("writable records as tables of their own", () => {
    const { writableRecords } = configFrom(`
[[writable_records]]
record = "tank.setpoint"
[writable_records.fields.celsius]
min = 5
`);
    expect(writableRecords).toEqual([{ record: "tank.setpoint", fields: { celsius: { min: 5 } } }]);
  });
});

const USER_ID = ": it is a user's id, as id -u aimdb prints it";

describe("parseConfig refuses", () => {
  test.each([
    ['allowed_socket = ["/a"]', 'allowed_socket: unknown key; did you mean "allowed_sockets"?'],
    ["rate_limits = 1", 'rate_limits: unknown key; did you mean "rate_limit"?'],
    ["zzzzzzzzzzzzzzzz = 1", "zzzzzzzzzzzzzzzz: unknown key"],
    [
      'writable_records = [{ record = "a", max_per_min = 1 }]',
      'writable_records.0.max_per_min: unknown key; did you mean "max_per_minute"?',
    ],
    [
      'writable_records = ["ok", { record = "a", fields = { c = { minn = 1 } } }]',
      'writable_records.1.fields.c.minn: unknown key; did you mean "min"?',
    ],
    ['allowed_sockets = "/a"', "allowed_sockets: must be an array"],
    ['allowed_sockets = ["a.sock"]', 'allowed_sockets.0: must start with "/"'],
    ["allowed_owners = [-1]", `allowed_owners.0: must be at least 0${USER_ID}`],
    ['allowed_owners = ["aimdb"]', `allowed_owners.0: must be a number${USER_ID}`],
    ["allowed_owners = [1.5]", `allowed_owners.0: must be a whole number${USER_ID}`],
    ['allowed_owners = "aimdb"', "allowed_owners: must be an array"],
    ["link_budget_per_hour = 10", "link_budget_per_hour: must be a string"],
    [
      'link_budget_per_hour = "10"',
      'link_budget_per_hour: must be a size in kB, MB or GB, such as "10MB"',
    ],
    [
      'link_budget_per_month = "1 MB"',
      "link_budget_per_month: must be at least 50 MB: the link alone takes some of it",
    ],
    ["rate_limit = -1", "rate_limit: must be at least 0"],
    ["rate_limit = 1.5", "rate_limit: must be a whole number"],
    ['confirm_writes = "remote"', 'confirm_writes: must be a boolean, or must be one of "local"'],
    ["last_known_interval_minutes = 1441", "last_known_interval_minutes: must be at most 1440"],
    ['audit_log = "audit.log"', 'audit_log: must start with "/"'],
    ['hidden_records = [""]', "hidden_records.0: must be at least 1 characters long"],
    ['writable_records = [""]', "writable_records.0: must be at least 1 characters long"],
    ["writable_records = [7]", "writable_records.0: must be a string, or must be an object"],
    ["writable_records = [{}]", "writable_records.0.record: must be a string"],
    [
      'writable_records = [{ record = "a", max_per_minute = 0 }]',
      "writable_records.0.max_per_minute: must be at least 1",
    ],
    [
      'writable_records = [{ record = "a", fields = { c = { min = "5" } } }]',
      "writable_records.0.fields.c.min: must be a number",
    ],
    [
      'writable_records = [{ record = "a", fields = { c = { max = inf } } }]',
      "writable_records.0.fields.c.max: must be a number",
    ],
    [
      'writable_records = [{ record = "a", fields = { c = { max_change = -1 } } }]',
      "writable_records.0.fields.c.max_change: must be at least 0",
    ],
    [
      'writable_records = [{ record = "a", fields = { c = { enum = [] } } }]',
      "writable_records.0.fields.c.enum: must be at least 1 items long",
    ],
    [
      'writable_records = [{ record = "a", fields = { c = { min = 9, max = 5 } } }]',
      "writable_records.0.fields.c: min is above max, so that no value fits",
    ],
    [
      'writable_records = ["x", { record = "app.*", assume_no_producer = true }]',
      "writable_records.1: assume_no_producer needs the exact record key, not a glob",
    ],
  ])("%s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test("everything that is wrong at once", () => {
    expect(problemsOf('rate_limit = "1"\naudit_log = 2\nnope = 3')).toHaveLength(3);
  });

  test("a file that is no TOML, with the line", () => {
    const [problem, ...others] = problemsOf('rate_limit = 100\n\nallowed_sockets = ["/a"\n');
    expect(problem).toMatch(/^line [345]: /);
    expect(problem).not.toContain("\n");
    expect(others).toEqual([]);
  });

  test("a key given twice", () => {
    expect(problemsOf("rate_limit = 1\nrate_limit = 2")[0]).toMatch(/^line 2: /);
  });
});

test("parseConfig gives a configuration or says what is wrong, whatever the file holds", () => {
  const key = fc.constantFrom(
    "allowed_sockets",
    "allowed_owners",
    "writable_records",
    "hidden_records",
    "confirm_writes",
    "rate_limit",
    "link_budget_per_hour",
    "metrics_listen",
    "ca_file",
    "[[writable_records]]",
    "other",
  );
  const value = fc.oneof(
    fc.constantFrom('"local"', '["*"]', '[{ record = "*" }]', "nan", "inf", "1979-05-27", "{}"),
    fc.json({ maxDepth: 2 }),
    fc.string({ unit: anyCharacter, maxLength: 20 }),
  );
  const line = fc.tuple(key, value).map((parts) => parts.join(" = "));
  const file = fc.array(line, { maxLength: 4 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(fc.oneof(file, fc.string({ unit: anyCharacter })), (text) => {
      const parsed = parseConfig(text);
      expect(parsed.ok || parsed.error.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});
