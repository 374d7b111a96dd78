/** The device's own file: what it allows out and in, whatever the worker asks. Pure. */
import { parse as parseToml, TomlError } from "smol-toml";
import * as z from "zod/mini";
import { fieldLimitSchema, writeRuleFields } from "#shared/access/write-rule.ts";
import { describeIssue } from "#shared/parse/describe-issue.ts";
import { isGlob } from "#shared/text/glob.ts";
import { nearestNames } from "#shared/text/nearest.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { parseByteSize, showByteSize } from "./byte-size.ts";
import type { BudgetLimits } from "./traffic/budget.ts";

const glob = z.string().check(z.minLength(1), z.maxLength(256));

const MINUTE_MS = 60_000;
const DEFAULT_LAST_KNOWN_INTERVAL_MINUTES = 15;
const MAX_LAST_KNOWN_INTERVAL_MINUTES = 1_440;

const writableRecordSchema = z.strictObject({
  ...writeRuleFields,
  /**
   * A host without a graph can't show whether the application produces the record. This says that
   * it does not; `record` must then be the exact key.
   */
  assume_no_producer: z.optional(z.boolean()),
});
export type WritableRecord = z.infer<typeof writableRecordSchema>;

const configSchema = z.strictObject({
  /** The complete list of sockets; absent: DEFAULT_SOCKETS. */
  allowed_sockets: z.optional(z.array(z.string().check(z.startsWith("/")))),
  /** User ids that may own a socket and its folder, in addition to root and the relay's own user. */
  allowed_owners: z.optional(z.array(z.number().check(z.int(), z.minimum(0)))),
  writable_records: z.optional(z.array(z.union([glob, writableRecordSchema]))),
  hidden_records: z.optional(z.array(glob)),
  confirm_writes: z.optional(z.union([z.boolean(), z.literal("local")])),
  /** Calls per minute of all remote callers together; 0 is off. */
  rate_limit: z.optional(z.number().check(z.int(), z.minimum(0))),
  audit_log: z.optional(z.string().check(z.startsWith("/"))),
  /** How often the worker gets what records hold, for when this device is away; 0 is never. */
  last_known_interval_minutes: z.optional(
    z.number().check(z.int(), z.minimum(0), z.maximum(MAX_LAST_KNOWN_INTERVAL_MINUTES)),
  ),
  /** Both directions together, in sizes such as `10MB`; absent is no limit. */
  link_budget_per_hour: z.optional(z.string()),
  link_budget_per_month: z.optional(z.string()),
  /** Where `/metrics`, `/health` and `/ready` are answered: an address of this machine alone, and a port. */
  metrics_listen: z.optional(z.string()),
  /** PEM certificates to trust in addition to the system's. */
  ca_file: z.optional(z.string().check(z.startsWith("/"))),
});

export interface Config {
  readonly allowedSockets: readonly string[];
  readonly allowedOwners: readonly number[];
  readonly writableRecords: readonly WritableRecord[];
  readonly hiddenRecords: readonly string[];
  /** `always` wants an approval with each write, `local` one given on the device. */
  readonly confirmWrites: "always" | "local" | "never";
  readonly rateLimitPerMinute: number;
  readonly auditLog: string | undefined;
  /** 0 is never. */
  readonly lastKnownIntervalMs: number;
  readonly linkBudget: BudgetLimits;
  readonly metricsListen: ListenAddress | undefined;
  readonly caFile: string | undefined;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const DEFAULT_SOCKETS: readonly string[] = ["/tmp/*.sock", "/var/run/aimdb/*.sock"];
export const DEFAULT_RATE_LIMIT_PER_MINUTE = 100;

export const DEFAULT_CONFIG: Config = {
  allowedSockets: DEFAULT_SOCKETS,
  allowedOwners: [],
  writableRecords: [],
  hiddenRecords: [],
  confirmWrites: "always",
  rateLimitPerMinute: DEFAULT_RATE_LIMIT_PER_MINUTE,
  auditLog: undefined,
  lastKnownIntervalMs: DEFAULT_LAST_KNOWN_INTERVAL_MINUTES * MINUTE_MS,
  linkBudget: { hour: undefined, month: undefined },
  metricsListen: undefined,
  caFile: undefined,
};

/** Reads the file's text. The error is a list of problems, each with its place. */
export function parseConfig(text: string): Result<Config, readonly string[]> {
  let table: unknown;
  try {
    table = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    return err([`line ${error.line}: ${error.message.split("\n", 1)[0]}`]);
  }
  const parsed = safeParse(configSchema, table);
  if (!parsed.success) return err(parsed.error.issues.flatMap(describe));
  const problems = problemsOf(parsed.data);
  return problems.length > 0 ? err(problems) : ok(toConfig(parsed.data));
}

function describe(issue: z.core.$ZodIssue): string[] {
  const problems = describeIssue(issue, didYouMean);
  const [key, ...place] = issue.path;
  if (key !== "allowed_owners" || place.length === 0) return problems;
  return problems.map((problem) => `${problem}: it is a user's id, as id -u aimdb prints it`);
}

type ConfigFile = z.infer<typeof configSchema>;

function toConfig(file: ConfigFile): Config {
  return {
    allowedSockets: file.allowed_sockets ?? DEFAULT_CONFIG.allowedSockets,
    allowedOwners: file.allowed_owners ?? DEFAULT_CONFIG.allowedOwners,
    writableRecords: (file.writable_records ?? []).map(toWritableRecord),
    hiddenRecords: file.hidden_records ?? DEFAULT_CONFIG.hiddenRecords,
    confirmWrites: toConfirmWrites(file.confirm_writes ?? true),
    rateLimitPerMinute: file.rate_limit ?? DEFAULT_CONFIG.rateLimitPerMinute,
    auditLog: file.audit_log,
    lastKnownIntervalMs:
      (file.last_known_interval_minutes ?? DEFAULT_LAST_KNOWN_INTERVAL_MINUTES) * MINUTE_MS,
    linkBudget: {
      hour: parseByteSize(file.link_budget_per_hour ?? ""),
      month: parseByteSize(file.link_budget_per_month ?? ""),
    },
    metricsListen: parseLoopback(file.metrics_listen ?? ""),
    caFile: file.ca_file,
  };
}

function toWritableRecord(entry: string | WritableRecord): WritableRecord {
  return typeof entry === "string" ? { record: entry } : entry;
}

function toConfirmWrites(setting: boolean | "local"): Config["confirmWrites"] {
  if (setting === "local") return "local";
  return setting ? "always" : "never";
}

/** What the schema can't say. */
function problemsOf(file: ConfigFile): string[] {
  const { writable_records = [], metrics_listen } = file;
  const problems = writable_records.flatMap((entry, i) =>
    problemsOfEntry(toWritableRecord(entry)).map((problem) => `writable_records.${i}${problem}`),
  );
  if (metrics_listen !== undefined && parseLoopback(metrics_listen) === undefined) {
    problems.push(
      "metrics_listen: must be a loopback address and a port, such as 127.0.0.1:9464: nothing of a relay is open to the network",
    );
  }
  return [...problems, ...problemsOfBudgets(file)];
}

/** Heartbeats alone take 15 kB an hour. */
const MIN_BUDGETS = [
  { key: "link_budget_per_hour", least: 100_000, example: "10MB" },
  { key: "link_budget_per_month", least: 50_000_000, example: "2GB" },
] as const;

function problemsOfBudgets(file: ConfigFile): string[] {
  return MIN_BUDGETS.flatMap(({ key, least, example }) => {
    const text = file[key];
    const size = text === undefined ? least : parseByteSize(text);
    if (size === undefined) return [`${key}: must be a size in kB, MB or GB, such as "${example}"`];
    if (size >= least) return [];
    return [`${key}: must be at least ${showByteSize(least)}: the link alone takes some of it`];
  });
}

const LOOPBACK = /^(127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|\[::1\]):(\d{1,5})$/;
const MAX_PORT = 65_535;

/** `127.x.x.x:PORT` or `[::1]:PORT`. */
function parseLoopback(text: string): ListenAddress | undefined {
  const [, address, digits] = LOOPBACK.exec(text) ?? [];
  const port = Number(digits);
  if (address === undefined || port > MAX_PORT) return undefined;
  return { host: address === "[::1]" ? "::1" : address, port };
}

function problemsOfEntry({ record, assume_no_producer, fields = {} }: WritableRecord): string[] {
  const emptyRanges = Object.entries(fields).filter(
    ([, { min = -Infinity, max = Infinity }]) => min > max,
  );
  const problems = emptyRanges.map(
    ([path]) => `.fields.${path}: min is above max, so that no value fits`,
  );
  if (assume_no_producer === true && isGlob(record)) {
    problems.push(": assume_no_producer needs the exact record key, not a glob");
  }
  return problems;
}

const KNOWN_KEYS = [configSchema, writableRecordSchema, fieldLimitSchema].flatMap(({ shape }) =>
  Object.keys(shape),
);

function didYouMean(key: string): string {
  const [nearest] = nearestNames(key, KNOWN_KEYS);
  return nearest === undefined ? "" : `; did you mean "${nearest}"?`;
}
