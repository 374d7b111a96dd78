/** The rule that a row of the form expresses, or what is wrong with its fields. Pure. */
import type * as z from "zod/mini";
import { describeIssue } from "#shared/parse/describe-issue.ts";
import type { FieldLimit } from "#shared/access/write-rule.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { writeRuleSchema, type WriteRule } from "../../access/write-policy.ts";
import { readAllowed } from "./allowed-values.ts";
import {
  isBoundless,
  LIMIT_FIELDS,
  limitName,
  RULE_FIELDS,
  type LimitRow,
  type RuleRow,
} from "./form-rows.ts";
import { readNumber } from "./read-number.ts";

/** By the name of the field within the rule; "" concerns the whole rule. */
export type Problems = ReadonlyMap<string, string>;

/** Undefined for an empty text, and for one that can't be read, which is a problem. */
type Take = <T>(
  name: string,
  text: string,
  read: (text: string) => Result<T, string>,
) => T | undefined;

export function readRule(row: RuleRow): Result<WriteRule, Problems> {
  const problems = new Map<string, string>();
  const take: Take = (name, text, read) => {
    const typed = text.trim();
    const value = typed === "" ? undefined : read(typed);
    if (value === undefined || value.ok) return value?.value;
    problems.set(name, value.error);
    return undefined;
  };
  const record = take("record", row.record, ok);
  if (record === undefined) problems.set("record", "Name a record, or a pattern such as app.*");
  const parsed = safeParse(writeRuleSchema, {
    record,
    instance: take("instance", row.instance, ok),
    confirm: row.confirm,
    max_per_minute: take("max_per_minute", row.max_per_minute, toNumber),
    fields: readLimits(row.limits, take, problems),
  });
  // Problems found while reading a field come first; everything else is judged by the schema.
  for (const issue of parsed.error?.issues ?? []) {
    const name = fieldOf(issue.path, row.limits);
    if (!problems.has(name)) problems.set(name, wordsOf(issue));
  }
  return parsed.success && problems.size === 0 ? ok(parsed.data) : err(problems);
}

function readLimits(
  rows: readonly LimitRow[],
  take: Take,
  problems: Map<string, string>,
): Record<string, FieldLimit> | undefined {
  const limits = new Map<string, FieldLimit>();
  for (const [index, row] of rows.entries()) {
    if (row.path.trim() === "" && isBoundless(row)) continue;
    const name = limitName(index);
    const limit = {
      min: take(`${name}.min`, row.min, toNumber),
      max: take(`${name}.max`, row.max, toNumber),
      max_change: take(`${name}.max_change`, row.max_change, toNumber),
      enum: take(`${name}.enum`, row.enum, readAllowed),
    };
    const path = row.path.trim();
    const problem = problemOfLimit(row, limits.has(path));
    if (problem !== undefined) problems.set(`${name}.path`, problem);
    limits.set(path, limit);
  }
  return limits.size === 0 ? undefined : Object.fromEntries(limits);
}

function problemOfLimit(row: LimitRow, isTwice: boolean): string | undefined {
  if (row.path.trim() === "") return "Name a field; a dot is the value itself.";
  if (isTwice) return "The rule has this field above.";
  return isBoundless(row) ? "Give it a limit, or remove it." : undefined;
}

function toNumber(text: string): Result<number, string> {
  const number = readNumber(text);
  return number === undefined ? err("Write a number, such as 0.5") : ok(number);
}

/** The form's field for a place in the schema. */
function fieldOf(
  [field, path, bound]: readonly PropertyKey[],
  limits: readonly LimitRow[],
): string {
  if (field === "fields") {
    const index = limits.findLastIndex((row) => row.path.trim() === path);
    const typed = LIMIT_FIELDS.find((name) => name === bound) ?? "path";
    return index === -1 ? "" : `${limitName(index)}.${typed}`;
  }
  return RULE_FIELDS.find((name) => name === field) ?? "";
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "custom") return `This ${issue.message}.`;
  return `This ${describeIssue({ ...issue, path: [] }, () => "").join(", ")}.`;
}
