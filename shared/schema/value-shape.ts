/** What was seen at one place in a record's values: each JSON type with details. */
import { isJsonObject, type JsonObject, type JsonValue } from "../json/json.ts";
import { isIsoTime } from "./time-field.ts";

/** Bounds of one inference; what is beyond is left open. */
const MAX_DEPTH = 16;
const MAX_FIELDS = 200;
const MAX_SHAPES = 1_000;

/** Distinct texts that are kept; a place with more is free text. */
const MAX_TEXTS = 6;
const MAX_TEXT_LENGTH = 64;

/** Distinct whole numbers that are kept, as evidence that a number is an integer. */
const MAX_WHOLE = 16;

/** What `parseJson` makes of an integer that a double would round. */
const LONG_INTEGER = /^-?[1-9]\d{15,19}$/;

/** What times and integers begin with; most texts don't. */
const MAY_BE_NUMERIC = /^[-\d]/;

export interface ValueShape {
  /** How often the place was present. */
  count: number;
  nulls: number;
  booleans: number;
  readonly numbers: NumberShape;
  readonly strings: StringShape;
  readonly lists: { count: number; items: ValueShape | undefined };
  readonly objects: ObjectShape;
}

interface NumberShape {
  count: number;
  fractions: number;
  min: number;
  max: number;
  readonly whole: Set<number>;
}

interface StringShape {
  count: number;
  isoTimes: number;
  longIntegers: number;
  /** Up to MAX_TEXTS of them, none too long to be one of a few. */
  readonly texts: Set<string>;
  isFree: boolean;
}

interface ObjectShape {
  count: number;
  readonly fields: Map<string, ValueShape>;
  /** Fields that were not looked at. */
  isCut: boolean;
}

/** Sees value after value. */
export class ShapeOfValues {
  readonly root = emptyShape();
  #shapes = 1;

  see(value: JsonValue): void {
    this.#see(this.root, value, 0);
  }

  #see(shape: ValueShape, value: JsonValue, depth: number): void {
    shape.count += 1;
    if (value === null) shape.nulls += 1;
    else if (typeof value === "boolean") shape.booleans += 1;
    else if (typeof value === "number") seeNumber(shape.numbers, value);
    else if (typeof value === "string") seeString(shape.strings, value);
    else if (isJsonObject(value)) this.#seeObject(shape.objects, value, depth);
    else this.#seeList(shape.lists, value, depth);
  }

  #seeList(lists: ValueShape["lists"], items: readonly JsonValue[], depth: number): void {
    lists.count += 1;
    for (const item of items) {
      lists.items ??= this.#newShape(depth);
      if (lists.items === undefined) return;
      this.#see(lists.items, item, depth + 1);
    }
  }

  #seeObject(objects: ObjectShape, value: JsonObject, depth: number): void {
    objects.count += 1;
    for (const [name, field = null] of Object.entries(value)) {
      const shape = objects.fields.get(name) ?? this.#newField(objects, name, depth);
      if (shape !== undefined) this.#see(shape, field, depth + 1);
    }
  }

  #newField(objects: ObjectShape, name: string, depth: number): ValueShape | undefined {
    const shape = objects.fields.size < MAX_FIELDS ? this.#newShape(depth) : undefined;
    if (shape === undefined) objects.isCut = true;
    else objects.fields.set(name, shape);
    return shape;
  }

  #newShape(depth: number): ValueShape | undefined {
    if (depth >= MAX_DEPTH || this.#shapes >= MAX_SHAPES) return undefined;
    this.#shapes += 1;
    return emptyShape();
  }
}

function emptyShape(): ValueShape {
  return {
    count: 0,
    nulls: 0,
    booleans: 0,
    numbers: {
      count: 0,
      fractions: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      whole: new Set(),
    },
    strings: { count: 0, isoTimes: 0, longIntegers: 0, texts: new Set(), isFree: false },
    lists: { count: 0, items: undefined },
    objects: { count: 0, fields: new Map(), isCut: false },
  };
}

function seeNumber(numbers: NumberShape, value: number): void {
  numbers.count += 1;
  numbers.min = Math.min(numbers.min, value);
  numbers.max = Math.max(numbers.max, value);
  if (!Number.isInteger(value)) numbers.fractions += 1;
  else if (numbers.whole.size < MAX_WHOLE) numbers.whole.add(value);
}

export function isLongInteger(text: string): boolean {
  return LONG_INTEGER.test(text) && !Number.isSafeInteger(Number(text));
}

function seeString(strings: StringShape, value: string): void {
  strings.count += 1;
  if (MAY_BE_NUMERIC.test(value)) {
    if (isIsoTime(value)) strings.isoTimes += 1;
    if (isLongInteger(value)) strings.longIntegers += 1;
  }
  if (strings.isFree || strings.texts.has(value)) return;
  strings.texts.add(value.slice(0, MAX_TEXT_LENGTH + 1));
  strings.isFree = value.length > MAX_TEXT_LENGTH || strings.texts.size > MAX_TEXTS;
  if (strings.isFree) strings.texts.clear();
}
