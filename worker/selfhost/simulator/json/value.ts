/**
 * A value as a host's application holds it. Integers are `bigint`, floats are `number`: hosts refuse
 * `1.0` where they want an integer, and their counters exceed a double.
 */
export type Value = null | boolean | bigint | number | string | readonly Value[] | ValueObject;

export interface ValueObject {
  readonly [field: string]: Value;
}

/** What a program may write for a value: whole numbers are integers. */
export type Input = null | boolean | bigint | number | string | readonly Input[] | InputObject;

interface InputObject {
  readonly [field: string]: Input;
}

export function toValue(input: Input): Value {
  if (typeof input === "number") return Number.isSafeInteger(input) ? BigInt(input) : input;
  if (typeof input !== "object" || input === null) return input;
  if (isInputList(input)) return input.map(toValue);
  return objectOf(Object.entries(input).map(([field, content]) => [field, toValue(content)]));
}

/** Without a prototype: a client may name a field `__proto__`. */
export function objectOf(entries: Iterable<readonly [string, Value]>): ValueObject {
  const object: Record<string, Value> = { __proto__: null };
  for (const [field, content] of entries) object[field] = content;
  return object;
}

export function isObject(value: Value | undefined): value is ValueObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

function isInputList(input: readonly Input[] | InputObject): input is readonly Input[] {
  return Array.isArray(input);
}
