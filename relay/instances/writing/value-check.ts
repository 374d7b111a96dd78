/**
 * Does a value look like what a record held so far? The host knows its type but refuses only after the write was sent;
 * observed values tell a caller before, and where. Pure.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "#shared/json/json.ts";
import { MAX_WARNINGS } from "#shared/link/limits.ts";
import { isLongInteger } from "#shared/schema/value-shape.ts";

export interface ValueCheck {
  /** Each with its path: a type never seen there, or a field that was always there and is missing. */
  readonly problems: readonly string[];
  /** What a host may take or ignore. */
  readonly warnings: readonly string[];
}

const MAX_PROBLEMS = 10;
const WHOLE_VALUE = "the value";

/** Without samples nothing is known, so nothing is reported. */
export function checkValue(samples: readonly JsonValue[], value: JsonValue): ValueCheck {
  const problems: string[] = [];
  const warnings: string[] = [];
  compare({ samples, value, path: "" }, { problems, warnings });
  return { problems: problems.slice(0, MAX_PROBLEMS), warnings: warnings.slice(0, MAX_WARNINGS) };
}

interface Place {
  readonly samples: readonly JsonValue[];
  readonly value: JsonValue;
  readonly path: string;
}

interface Found {
  readonly problems: string[];
  readonly warnings: string[];
}

function compare({ samples, value, path }: Place, found: Found): void {
  const kinds = new Set(samples.flatMap(kindsOf));
  const isAnything = kinds.size === 0 || (kinds.size === 1 && kinds.has("null"));
  if (isAnything) return;
  if (!kinds.has(kindOf(value))) {
    found.problems.push(
      `${path || WHOLE_VALUE} is ${kindOf(value)}, seen: ${[...kinds].join(" or ")}`,
    );
    return;
  }
  if (isLong(value) && samples.some(isLong)) {
    found.warnings.push(`${path || WHOLE_VALUE} ${LONG}`);
  }
  if (typeof value === "number") compareNumbers({ samples, value, path }, found);
  if (Array.isArray(value)) compareItems({ samples, value, path }, found);
  else if (isJsonObject(value)) compareFields(samples.filter(isJsonObject), value, path, found);
}

function compareNumbers({ samples, value, path }: Place, { warnings }: Found): void {
  const isWhole = samples.every((sample) => typeof sample !== "number" || Number.isInteger(sample));
  if (isWhole && !Number.isInteger(value)) {
    warnings.push(`${path || WHOLE_VALUE} was a whole number so far`);
  }
}

function compareItems({ samples, value, path }: Place, found: Found): void {
  const seen = samples.flatMap((sample) => (Array.isArray(sample) ? sample : []));
  if (!Array.isArray(value)) return;
  for (const [i, item] of value.entries()) {
    compare({ samples: seen, value: item, path: `${path}[${i}]` }, found);
  }
}

function compareFields(
  samples: readonly JsonObject[],
  value: JsonObject,
  path: string,
  found: Found,
): void {
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const seen = new Map<string, JsonValue[]>();
  for (const sample of samples) {
    for (const [name, item = null] of Object.entries(sample)) {
      const items = seen.get(name);
      if (items === undefined) seen.set(name, [item]);
      else items.push(item);
    }
  }
  for (const [name, items] of seen) {
    if (items.length === samples.length && !Object.hasOwn(value, name)) {
      found.problems.push(`${at(name)} is missing, seen: ${kindOf(items[0] ?? null)}`);
    }
  }
  for (const [name, item = null] of Object.entries(value)) {
    const items = seen.get(name);
    if (items === undefined) found.warnings.push(`${at(name)} was never seen`);
    else compare({ samples: items, value: item, path: at(name) }, found);
  }
}

const LONG =
  "is written as text; if the record holds an integer, the host refuses that: none beyond 2^53 can be written from here";

function isLong(value: JsonValue): boolean {
  return typeof value === "string" && isLongInteger(value);
}

/** A long integer is read as text, and a shorter one of the same record as a number. */
function kindsOf(sample: JsonValue): string[] {
  return isLong(sample) ? ["text", "number"] : [kindOf(sample)];
}

function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "string":
      return "text";
    case "object":
      return "object";
    default:
      return typeof value;
  }
}
