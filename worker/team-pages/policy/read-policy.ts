/** The policy that a form's rows express, and what is wrong with the fields that express none. Pure. */
import { safeParse } from "#shared/parse/safe-parse.ts";
import { MAX_WRITES_PER_MINUTE, perMinute, type WriteRule } from "../../access/write-policy.ts";
import { RATE_FIELDS, ruleName, type FormRows } from "./form-rows.ts";
import { readNumber } from "./read-number.ts";
import { readRule, type Problems } from "./read-rule.ts";

export interface ReadRows {
  /** Undefined for a rule with a problem. */
  readonly rules: readonly (WriteRule | undefined)[];
  /** By the field's name; a problem under a rule's own name concerns the whole rule. */
  readonly problems: Problems;
  /** As the API takes it, if there are no problems. */
  readonly policy: object;
}

export function readPolicy(rows: FormRows): ReadRows {
  const problems = new Map<string, string>();
  const rules = rows.rules.map((row, index) => {
    const read = readRule(row);
    if (read.ok) return read.value;
    for (const [name, problem] of read.error) {
      problems.set(name === "" ? ruleName(index) : `${ruleName(index)}.${name}`, problem);
    }
    return undefined;
  });
  const rates = RATE_FIELDS.map((name) => {
    const rate = safeParse(perMinute, readNumber(rows[name].trim()));
    if (!rate.success) problems.set(name, NO_RATE);
    return [name, rate.data] as const;
  });
  return { rules, problems, policy: { rules, ...Object.fromEntries(rates) } };
}

const NO_RATE = `Write a whole number, ${MAX_WRITES_PER_MINUTE} at most; 0 is no limit.`;
