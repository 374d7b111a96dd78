/**
 * Reads one JSON text into named fields by the rules of the hosts' derived decoders: unknown fields
 * are skipped, a doubled field is an error, and a list stands for the fields in their order.
 */

import { err, ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import { JsonReader } from "./reader.ts";
import { floatText } from "./text.ts";
import { JsonError } from "./tokens.ts";
import type { Value } from "./value.ts";

/**
 * `plain` is a string that must not contain an escape; `raw` keeps the text of any JSON;
 * an `optional` field may be missing or null.
 */
export type Field = {
  readonly type: "u64" | "bool" | "string" | "strings" | "plain" | "raw" | "value";
  readonly optional?: boolean;
};

export type StructSpec = {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** Whether a list may leave out fields at its end. */
  readonly shortList: boolean;
};

export class Fields {
  readonly #found: ReadonlyMap<string, Value>;

  constructor(found: ReadonlyMap<string, Value>) {
    this.#found = found;
  }

  text(key: string): string | undefined {
    const content = this.#found.get(key);
    return typeof content === "string" ? content : undefined;
  }

  integer(key: string): bigint | undefined {
    const content = this.#found.get(key);
    return typeof content === "bigint" ? content : undefined;
  }

  value(key: string): Value | undefined {
    return this.#found.get(key);
  }
}

export function readStruct(text: string, spec: StructSpec): Result<Fields, string> {
  return catchJsonError(() => {
    const reader = new JsonReader(text);
    const fields = new Map<string, Value>();
    const start = reader.tokens.peek();
    if (start === "{") readMembers(reader, spec, fields);
    else if (start === "[") readElements(reader, spec, fields);
    else if (start !== "") wrongType(reader.value(), `struct ${spec.name}`, reader);
    else reader.value();
    reader.end();
    return new Fields(fields);
  });
}

/** Any JSON text as a value. */
export function readValue(text: string): Result<Value, string> {
  return catchJsonError(() => {
    const reader = new JsonReader(text);
    const value = reader.value();
    reader.end();
    return value;
  });
}

function readMembers(reader: JsonReader, spec: StructSpec, fields: Map<string, Value>): void {
  reader.members((key) => {
    if (fields.has(key)) reader.tokens.fail(`duplicate field \`${key}\``);
    reader.colon();
    const field = spec.fields.get(key);
    if (field === undefined) reader.skip();
    else fields.set(key, readField(reader, field));
  });
  for (const [key, { optional }] of spec.fields) {
    if (optional !== true && !fields.has(key)) reader.tokens.fail(`missing field \`${key}\``);
  }
}

function readElements(reader: JsonReader, spec: StructSpec, fields: Map<string, Value>): void {
  const order = [...spec.fields];
  reader.elements(() => {
    const next = order[fields.size];
    if (next === undefined) reader.tokens.fail("trailing characters", 1);
    fields.set(next[0], readField(reader, next[1]));
  });
  const enough = spec.shortList ? fields.size > 0 : fields.size === order.length;
  if (!enough) {
    const wanted = `struct ${spec.name} with ${order.length} elements`;
    reader.tokens.fail(`invalid length ${fields.size}, expected ${wanted}`);
  }
}

function readField(reader: JsonReader, field: Field): Value {
  if (field.optional === true && reader.tokens.peek() === "n") return reader.value();
  if (field.type === "raw") return reader.skip();
  if (field.type === "value") return reader.value();
  if (field.type === "strings") return readStrings(reader);
  return readScalar(reader, field.type);
}

const EXPECTED = { u64: "u64", bool: "a boolean", string: "a string", plain: "a borrowed string" };

function readScalar(reader: JsonReader, type: keyof typeof EXPECTED): Value {
  const start = reader.tokens.peek();
  if (start === "[" || start === "{") {
    const found = start === "[" ? "sequence" : "map";
    reader.tokens.fail(`invalid type: ${found}, expected ${EXPECTED[type]}`);
  }
  if (start === '"' && type === "plain") {
    const { content, escaped } = reader.tokens.string();
    return escaped ? wrongType(content, EXPECTED.plain, reader) : content;
  }
  const found = reader.value();
  return isOf(type, found) ? found : wrongType(found, EXPECTED[type], reader);
}

function isOf(type: keyof typeof EXPECTED, found: Value): boolean {
  if (type === "u64") return typeof found === "bigint" && found >= 0n;
  return typeof found === (type === "bool" ? "boolean" : "string");
}

function readStrings(reader: JsonReader): Value {
  if (reader.tokens.peek() !== "[") return wrongType(reader.value(), "a sequence", reader);
  const strings: Value[] = [];
  reader.elements(() => {
    strings.push(readScalar(reader, "string"));
  });
  return strings;
}

function wrongType(found: Value, expected: string, reader: JsonReader): never {
  const problem = typeof found === "bigint" && expected === "u64" ? "value" : "type";
  return reader.tokens.fail(`invalid ${problem}: ${describe(found)}, expected ${expected}`);
}

function describe(found: Value): string {
  if (typeof found === "bigint") return `integer \`${found}\``;
  if (typeof found === "number") return `floating point \`${floatText(found)}\``;
  if (typeof found === "boolean") return `boolean \`${found}\``;
  if (typeof found === "string") return `string ${quoteAsRust(found)}`;
  return found === null ? "null" : "map";
}

function quoteAsRust(text: string): string {
  return JSON.stringify(text).replaceAll(
    /\\u00([0-9a-f]{2})/g,
    (_escape, hex: string) => `\\u{${Number.parseInt(hex, 16).toString(16)}}`,
  );
}

function catchJsonError<T>(read: () => T): Result<T, string> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof JsonError) return err(error.message);
    throw error;
  }
}
