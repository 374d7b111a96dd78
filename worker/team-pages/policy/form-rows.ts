/** A write policy as its form represents it: texts as they were typed, in rows. Pure. */
import type { FieldLimit } from "#shared/access/write-rule.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { WritePolicy, WriteRule } from "../../access/write-policy.ts";
import { printAllowed } from "./allowed-values.ts";

/** For all rules together, at five texts each: a page that can be read, and a form that can be sent. */
export const MAX_LIMIT_ROWS = 200;
export const LIMIT_FIELDS = ["path", "min", "max", "max_change", "enum"] as const;
export type LimitRow = Readonly<Record<(typeof LIMIT_FIELDS)[number], string>>;

export const RULE_FIELDS = ["record", "instance", "confirm", "max_per_minute"] as const;
export interface RuleRow extends Readonly<Record<(typeof RULE_FIELDS)[number], string>> {
  readonly limits: readonly LimitRow[];
}

export const RATE_FIELDS = ["writes_per_minute", "writes_per_minute_per_record"] as const;
export interface FormRows extends Readonly<Record<(typeof RATE_FIELDS)[number], string>> {
  readonly rules: readonly RuleRow[];
}

export const EMPTY_LIMIT: LimitRow = { path: "", min: "", max: "", max_change: "", enum: "" };
export const EMPTY_RULE: RuleRow = {
  record: "",
  instance: "",
  confirm: "human",
  max_per_minute: "",
  limits: [],
};

/** Fields are named after their rows: `rules.0.record`, `rules.0.limits.1.min`. */
export function ruleName(rule: number): string {
  return `rules.${rule}`;
}

export function limitName(limit: number): string {
  return `limits.${limit}`;
}

/** The rows that a form sent: a row exists if its first field does. */
export function readRows(sent: Readonly<Record<string, unknown>>): FormRows {
  const textOf = (name: string) => {
    const text = sent[name];
    return typeof text === "string" ? text : "";
  };
  const limitAt = (place: string): LimitRow => ({
    path: textOf(`${place}.path`),
    min: textOf(`${place}.min`),
    max: textOf(`${place}.max`),
    max_change: textOf(`${place}.max_change`),
    enum: textOf(`${place}.enum`),
  });
  const ruleAt = (place: string): RuleRow => ({
    record: textOf(`${place}.record`),
    instance: textOf(`${place}.instance`),
    confirm: textOf(`${place}.confirm`),
    max_per_minute: textOf(`${place}.max_per_minute`),
    limits: placesOf(`${place}.limits`, "path", sent).map(limitAt),
  });
  return {
    rules: placesOf("rules", "record", sent).map(ruleAt),
    writes_per_minute: textOf("writes_per_minute"),
    writes_per_minute_per_record: textOf("writes_per_minute_per_record"),
  };
}

function placesOf(list: string, first: string, sent: object): string[] {
  const places = [];
  while (Object.hasOwn(sent, `${list}.${places.length}.${first}`)) {
    places.push(`${list}.${places.length}`);
  }
  return places;
}

/** The rows that express the policy, or why no form can. */
export function rowsOf(policy: WritePolicy): Result<FormRows, string> {
  const rules = policy.rules.map(rowOf);
  const limits = rules.flatMap((rule) => rule.limits);
  if (limits.length > MAX_LIMIT_ROWS) return err(`has over ${MAX_LIMIT_ROWS} limits on fields`);
  const names = rules.flatMap(({ record, instance }) => [record, instance]);
  if (![...names, ...limits.map(({ path }) => path)].every(survivesForm)) {
    return err("has a name with a space at an end, or a character that can't be typed");
  }
  if (limits.some(isBoundless)) return err("has a limit that limits nothing");
  return ok({
    rules,
    writes_per_minute: String(policy.writes_per_minute),
    writes_per_minute_per_record: String(policy.writes_per_minute_per_record),
  });
}

export function isBoundless(row: LimitRow): boolean {
  return LIMIT_FIELDS.every((field) => field === "path" || row[field].trim() === "");
}

/** Single-line fields lose line breaks, forms lose lone surrogates, and names are trimmed. */
function survivesForm(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text === text.trim() && !/[\u0000-\u001f\u{d800}-\u{dfff}]/u.test(text);
}

function rowOf({ record, instance, confirm, max_per_minute, fields = {} }: WriteRule): RuleRow {
  return {
    record,
    instance: instance ?? "",
    confirm: confirm ?? EMPTY_RULE.confirm,
    max_per_minute: printed(max_per_minute),
    limits: Object.entries(fields).map(([path, limit]) => limitRowOf(path, limit)),
  };
}

function limitRowOf(path: string, { min, max, max_change, enum: allowed }: FieldLimit): LimitRow {
  return {
    path,
    min: printed(min),
    max: printed(max),
    max_change: printed(max_change),
    enum: allowed === undefined ? "" : printAllowed(allowed),
  };
}

function printed(number: number | undefined): string {
  return number === undefined ? "" : String(number);
}
