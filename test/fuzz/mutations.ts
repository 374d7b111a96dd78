/** Valid texts, damaged: as bytes, and as values that still are JSON. */
import fc from "fast-check";
import type { JsonValue } from "#shared/json/json.ts";

const TOKENS = [
  "null",
  "true",
  "-1",
  "1e999",
  "-0",
  "0.1e-400",
  "18446744073709551616",
  "NaN",
  '""',
  '"\\ud800"',
  '"\\u0000"',
  '"__proto__":',
  '"constructor"',
  '"valueOf"',
  '"__proto__"',
  "{",
  "[",
  "}",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "\n",
  "\r\n",
  "\0",
  "\u{fffe}",
  "[".repeat(300),
  '{"a":'.repeat(300),
  "9".repeat(400),
].map((token) => Buffer.from(token));

interface Edit {
  readonly op: "flip" | "insert" | "remove" | "repeat" | "splice" | "cut";
  /** Where, from 0 to 1. */
  readonly at: number;
  readonly size: number;
  readonly bytes: Buffer;
}

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  op: fc.constantFrom("flip", "insert", "remove", "repeat", "splice", "cut"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  size: fc.nat(64),
  bytes: fc.oneof(
    fc.constantFrom(...TOKENS),
    fc.uint8Array({ maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
  ),
});

/** One of the texts with a few edits, or bytes that never were one. */
export function anyBytes(corpus: readonly string[]): fc.Arbitrary<Buffer> {
  const buffer = (text: string): Buffer => Buffer.from(text);
  const whole = fc.constantFrom(...corpus).map(buffer);
  const edited = fc
    .tuple(whole, whole, fc.array(anyEdit, { minLength: 1, maxLength: 6 }))
    .map(([base, other, edits]) =>
      edits.reduce<Buffer>((bytes, edit) => apply(bytes, edit, other), base),
    );
  const noise = fc.uint8Array({ maxLength: 300 }).map((bytes): Buffer => Buffer.from(bytes));
  return fc.oneof({ weight: 8, arbitrary: edited }, { weight: 1, arbitrary: noise });
}

export function anyText(corpus: readonly string[]): fc.Arbitrary<string> {
  return anyBytes(corpus).map((bytes) => bytes.toString("utf8"));
}

/** No text grows past this by repeating what it repeated. */
const MAX_BYTES = 256 * 1024;

function apply(base: Buffer, { op, at, size, bytes }: Edit, other: Buffer): Buffer {
  const start = Math.floor(at * base.length);
  const [head, tail] = [base.subarray(0, start), base.subarray(start)];
  switch (op) {
    case "flip":
      return Buffer.concat([
        head,
        Buffer.from([(tail[0] ?? 0) ^ (1 << (size % 8))]),
        tail.subarray(1),
      ]);
    case "insert":
      return Buffer.concat([head, bytes, tail]);
    case "remove":
      return Buffer.concat([head, tail.subarray(size)]);
    case "repeat":
      return Buffer.concat([head, ...repeated(tail.subarray(0, size), base.length), tail]);
    case "splice":
      return Buffer.concat([head, other.subarray(Math.floor(at * other.length))]);
    case "cut":
      return head;
  }
}

function repeated(piece: Buffer, baseLength: number): Buffer[] {
  const room = Math.max(0, MAX_BYTES - baseLength);
  const times = piece.length === 0 ? 0 : Math.min(2_000, Math.floor(room / piece.length));
  return [Buffer.concat(Array.from({ length: times }, () => piece))];
}

const HOSTILE_VALUES: readonly JsonValue[] = [
  null,
  true,
  "",
  "x".repeat(5_000),
  "\u0000\u202e\ud800",
  "__proto__",
  "constructor",
  "valueOf",
  "constructor.0",
  -1,
  0.5,
  -0,
  1e308,
  -1e308,
  2 ** 53,
  Number.MIN_VALUE,
  [],
  {},
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}'),
  { length: { toString: null, valueOf: 5 } },
  { toString: null, valueOf: 5, length: 1e9 },
  nested(120),
  Array.from({ length: 3_000 }, (_, index) => index),
];

function nested(levels: number): JsonValue {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

/** One of the values with up to three of its parts replaced or taken out. */
export function anyMutant(corpus: readonly JsonValue[]): fc.Arbitrary<JsonValue> {
  const replacement = fc.oneof(
    fc.constantFrom(...HOSTILE_VALUES),
    fc.jsonValue().map((value) => value as JsonValue),
    fc.constant(undefined),
  );
  const change = fc.tuple(fc.nat(), replacement);
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) =>
      changes.reduce<JsonValue>((changed, [pick, part]) => replaceIn(changed, pick, part), value),
    );
}

/** Counts through the parts of the value, and replaces the one that `pick` comes to. */
function replaceIn(value: JsonValue, pick: number, part: JsonValue | undefined): JsonValue {
  let left = pick % countParts(value);
  const visit = (current: JsonValue): JsonValue | undefined => {
    if (left === 0) {
      left -= 1;
      return part;
    }
    left -= 1;
    if (typeof current !== "object" || current === null) return current;
    if (Array.isArray(current)) return current.map((item: JsonValue) => visit(item) ?? null);
    return Object.fromEntries(
      Object.entries(current).flatMap(([key, item]) => {
        const visited = item === undefined ? undefined : visit(item);
        return visited === undefined ? [] : [[key, visited]];
      }),
    );
  };
  return visit(value) ?? null;
}

function countParts(value: JsonValue): number {
  if (typeof value !== "object" || value === null) return 1;
  const items: readonly (JsonValue | undefined)[] = Object.values(value);
  return items.reduce((sum: number, item) => sum + (item === undefined ? 0 : countParts(item)), 1);
}
