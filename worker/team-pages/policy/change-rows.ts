/** What the form's buttons do with its rows, and which field has the focus afterwards. Pure. */
import { EMPTY_LIMIT, EMPTY_RULE, limitName, ruleName, type FormRows } from "./form-rows.ts";

export interface ChangedRows {
  readonly rows: FormRows;
  /** The name of a field or a button. */
  readonly focus: string;
}

const ACTION = /^(add_rule|remove_rule|add_limit|remove_limit)(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?$/;

/** Undefined for a button that changes no row. */
export function changeRows(rows: FormRows, action: string): ChangedRows | undefined {
  const [, verb, ruleText = "", limitText = ""] = ACTION.exec(action) ?? [];
  const rule = Number(ruleText);
  const limits = rows.rules[rule]?.limits ?? [];
  switch (verb) {
    case "add_rule": {
      const focus = `${ruleName(rows.rules.length)}.record`;
      return { rows: { ...rows, rules: [...rows.rules, EMPTY_RULE] }, focus };
    }
    case "remove_rule":
      return { rows: { ...rows, rules: without(rows.rules, rule) }, focus: "add_rule" };
    case "add_limit": {
      const focus = `${ruleName(rule)}.${limitName(limits.length)}.path`;
      return { rows: withLimits(rows, rule, [...limits, EMPTY_LIMIT]), focus };
    }
    case "remove_limit": {
      const left = without(limits, Number(limitText));
      return { rows: withLimits(rows, rule, left), focus: `add_limit.${rule}` };
    }
    default:
      return undefined;
  }
}

function withLimits(
  rows: FormRows,
  rule: number,
  limits: FormRows["rules"][number]["limits"],
): FormRows {
  return {
    ...rows,
    rules: rows.rules.map((row, index) => (index === rule ? { ...row, limits } : row)),
  };
}

function without<T>(list: readonly T[], index: number): T[] {
  return list.filter((_, at) => at !== index);
}
