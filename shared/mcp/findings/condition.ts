/**
 * A stop condition such as `celsius > 25`: one path, one comparison, one JSON literal. It is parsed
 * and compared, never evaluated.
 */
import { shortestF32 } from "../../json/f32.ts";
import { scalarFields } from "../../json/fields.ts";
import { isJsonObject, type JsonValue } from "../../json/json.ts";
import { err, ok, type Result } from "../../result.ts";
import { nearestNames } from "../../text/nearest.ts";

export const MAX_CONDITION_LENGTH = 200;

const OPERATORS = [">=", "<=", "==", "!=", ">", "<"] as const;
type Operator = (typeof OPERATORS)[number];

export interface Condition {
  /** Empty: the value itself. */
  readonly path: readonly string[];
  readonly operator: Operator;
  readonly literal: string | number | boolean | null;
}

const SEGMENT = /"(?:[^"\\]|\\.)*"|[\p{L}\p{N}_$-]+/uy;

/** The error says what is wrong, for the model that wrote it. */
export function parseCondition(text: string): Result<Condition, string> {
  if (text.length > MAX_CONDITION_LENGTH) {
    return err(`It may have ${MAX_CONDITION_LENGTH} characters at most.`);
  }
  const path = parsePath(text.trim());
  const operator = OPERATORS.find((candidate) => path?.rest.startsWith(candidate));
  if (path === undefined || operator === undefined) return err(FORM);
  const literal = parseLiteral(path.rest.slice(operator.length));
  if (literal === undefined) return err(FORM);
  if (operator !== "==" && operator !== "!=" && typeof literal !== "number") {
    return err(`${operator} compares numbers only.`);
  }
  return ok({ path: path.segments, operator, literal });
}

const FORM =
  'Write a field, one of > >= < <= == != and a number, a text in double quotes, true, false or null: celsius > 25, motor.state == "off", . < 5 (the value itself).';

interface Path {
  readonly segments: readonly string[];
  readonly rest: string;
}

function parsePath(text: string): Path | undefined {
  if (text.startsWith(". ") || /^\.[<>=!]/.test(text)) {
    return { segments: [], rest: text.slice(1).trimStart() };
  }
  const segments: string[] = [];
  let at = 0;
  do {
    SEGMENT.lastIndex = at;
    const [segment] = SEGMENT.exec(text) ?? [];
    const name = segment?.startsWith('"') ? parseText(segment) : segment;
    if (segment === undefined || name === undefined) return undefined;
    segments.push(name);
    at += segment.length + 1;
  } while (text[at - 1] === ".");
  return { segments, rest: text.slice(at - 1).trimStart() };
}

function parseText(quoted: string): string | undefined {
  const literal = parseLiteral(quoted);
  return typeof literal === "string" ? literal : undefined;
}

function parseLiteral(text: string): Condition["literal"] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
    const isLiteral = value === null || typeof value === "string" || typeof value === "boolean";
    return isLiteral ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `absent`: the field is missing, or can't be compared that way. */
export function checkCondition(
  { path, operator, literal }: Condition,
  value: JsonValue,
): "met" | "not_met" | "absent" {
  const found = lookUp(value, path);
  if (found === undefined) return "absent";
  const actual = typeof found === "number" ? shortestF32(found) : found;
  if (operator === "==") return actual === literal ? "met" : "not_met";
  if (operator === "!=") return actual === literal ? "not_met" : "met";
  if (typeof actual !== "number" || typeof literal !== "number") return "absent";
  return isOrdered(operator, actual, literal) ? "met" : "not_met";
}

const MAX_FIELDS_NAMED = 5;

/** What a value has in place of the field that is absent: those of a like name, or the first. */
export function fieldsInstead({ path }: Condition, value: JsonValue): string[] {
  const fields = [...scalarFields(value).keys()];
  const nearest = nearestNames(path.join("."), fields);
  return nearest.length > 0 ? nearest : fields.slice(0, MAX_FIELDS_NAMED);
}

function isOrdered(operator: ">" | ">=" | "<" | "<=", actual: number, literal: number): boolean {
  switch (operator) {
    case ">":
      return actual > literal;
    case ">=":
      return actual >= literal;
    case "<":
      return actual < literal;
    case "<=":
      return actual <= literal;
  }
}

function lookUp(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const key of path) {
    const item = itemOf(found, key);
    if (item === undefined) return undefined;
    found = item;
  }
  return found;
}

function itemOf(container: JsonValue, key: string): JsonValue | undefined {
  if (Array.isArray(container)) return /^\d{1,6}$/.test(key) ? container[Number(key)] : undefined;
  return isJsonObject(container) && Object.hasOwn(container, key) ? container[key] : undefined;
}
