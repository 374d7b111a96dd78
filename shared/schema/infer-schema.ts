/**
 * A JSON Schema of a record's values, from samples: hosts provide none. It accepts every sample, and if they leave
 * something open it takes the wider of two readings and says so in `guessed`.
 */
import type { JsonObject, JsonValue } from "../json/json.ts";
import { unitByName } from "./field-unit.ts";
import { Guesses } from "./guesses.ts";
import { unitsOf, type FieldUnit, type UnitSources } from "./numeric-unit.ts";
import { isTimeName, unixTimeOf } from "./time-field.ts";
import { ShapeOfValues, type ValueShape } from "./value-shape.ts";

export interface InferenceInput {
  /** As the host has it, with its path: `server::Temperature`. */
  readonly typeName: string;
  readonly values: Iterable<JsonValue>;
  /** `signal_stats` of the record's row. */
  readonly signals?: readonly JsonValue[] | undefined;
}

export interface InferredSchema {
  /** JSON Schema 2020-12; a number with a known unit has it as `unit`. */
  readonly schema: JsonObject;
  readonly guessed: readonly string[];
}

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

const MAX_TITLE_LENGTH = 200;

/** As many different whole numbers as a measured decimal hardly gives in a row. */
const ENOUGH_WHOLE = 10;

/** Units of counts; anything else is measured, hence a decimal even if it was whole so far. */
const COUNTED_UNITS: ReadonlySet<string> = new Set(["ns", "µs", "ms", "s", "d", "B", "bit/s"]);

export function inferSchema({ typeName, values, signals = [] }: InferenceInput): InferredSchema {
  const shapes = new ShapeOfValues();
  for (const value of values) shapes.see(value);
  const title = titleOf(typeName);
  const head = { $schema: DIALECT, title };
  const { root } = shapes;
  if (root.count === 0) return { schema: head, guessed: [NOTHING_KNOWN] };
  const inference = new Inference(root, { typeName: title, signals });
  return { schema: { ...head, ...inference.schema() }, guessed: inference.guesses.toList() };
}

const NOTHING_KNOWN = "everything: no value was there to infer from";

/** `Option<server::Temperature>` without the paths. */
function titleOf(typeName: string): string {
  return typeName.replaceAll(/(?:[A-Za-z_]\w*::)+/g, "").slice(0, MAX_TITLE_LENGTH);
}

/** Where in the value, and what the nearest field is called. */
interface Place {
  readonly path: string;
  readonly name: string;
}

class Inference {
  readonly guesses = new Guesses();
  readonly #root: ValueShape;
  readonly #units: ReadonlyMap<string, FieldUnit>;

  constructor(root: ValueShape, sources: UnitSources) {
    this.#root = root;
    this.#units = unitsOf(root, sources);
  }

  schema(): JsonObject {
    const schema = this.#schemaOf(this.#root, { path: "", name: "" });
    if (this.#root.objects.fields.size > 0) {
      const what = "are those that all samples have; some may be absent in others";
      this.guesses.add("required fields", what);
    }
    return schema;
  }

  #schemaOf(shape: ValueShape, place: Place): JsonObject {
    const types: string[] = [];
    const keywords: Record<string, JsonValue> = {};
    const take = (type: string | readonly string[], more: JsonObject = {}) => {
      types.push(...(typeof type === "string" ? [type] : type));
      Object.assign(keywords, more);
    };
    if (shape.booleans > 0) take("boolean");
    if (shape.numbers.count > 0) this.#takeNumber(shape, place, take);
    if (shape.strings.count > 0) this.#takeString(shape, place, take);
    if (shape.lists.count > 0) take("array", { items: this.#itemsOf(shape, place) });
    if (shape.objects.count > 0) take("object", this.#fieldsOf(shape, place));
    if (types.length === 0) {
      this.guesses.add(place.path, "always null so far; what else it can be is not known");
      return {};
    }
    if (shape.nulls > 0) types.push("null");
    const distinct = [...new Set(types)];
    return { type: distinct.length === 1 ? (distinct[0] ?? "null") : distinct, ...keywords };
  }

  #takeNumber({ numbers, strings }: ValueShape, place: Place, take: Take): void {
    const time = unixTimeOf(place.name, numbers.min, numbers.max);
    const unit = this.#unitOf(place);
    const isBig = strings.longIntegers > 0 && numbers.fractions === 0;
    const type = isBig ? "integer" : this.#numberType(numbers, place, time?.unit ?? unit);
    if (time === undefined) return take(type, unit === undefined ? {} : { unit });
    if (!isTimeName(place.name)) {
      this.guesses.add(place.path, `taken for a ${time.text} by how large it is`);
    }
    take(type, { unit: time.unit, description: time.text });
  }

  #numberType(
    { fractions, whole, count }: ValueShape["numbers"],
    { path }: Place,
    unit: string | undefined,
  ): "number" | "integer" {
    if (fractions > 0) return "number";
    const isCounted = unit === undefined || COUNTED_UNITS.has(unit);
    if (whole.size >= ENOUGH_WHOLE && isCounted) {
      this.guesses.add(path, `whole in all ${count} samples, so taken for an integer`);
      return "integer";
    }
    this.guesses.add(path, "whole so far; it may be an integer or a decimal");
    return "number";
  }

  #unitOf({ path, name }: Place): string | undefined {
    const known = this.#units.get(path) ?? byName(name);
    if (known?.by !== undefined) this.guesses.add(path, `unit ${known.unit} by ${known.by}`);
    return known?.unit;
  }

  #takeString({ strings }: ValueShape, { path }: Place, take: Take): void {
    const { count, isoTimes, longIntegers, texts, isFree } = strings;
    if (longIntegers === count) {
      this.guesses.add(path, "taken for a 64-bit integer by its digits");
      return take(["integer", "string"], { description: LONG_INTEGER });
    }
    if (isoTimes === count) {
      this.guesses.add(path, `an ISO-8601 time in all ${count} samples, so taken for one`);
      return take("string", { format: "date-time" });
    }
    if (isFree) return take("string");
    if (count > texts.size) {
      const seen = texts.size === 1 ? "one text" : `${texts.size} different texts`;
      const more = "samples can't show whether the list is closed";
      this.guesses.add(path, `${seen} in ${count} samples; ${more}`);
    }
    take("string", { examples: [...texts] });
  }

  #itemsOf({ lists }: ValueShape, { path, name }: Place): JsonObject {
    if (lists.items !== undefined) return this.#schemaOf(lists.items, { path: `${path}[]`, name });
    this.guesses.add(path, "no list with items was seen; what they are is not known");
    return {};
  }

  #fieldsOf({ objects }: ValueShape, { path }: Place): JsonObject {
    const fields = Array.from(objects.fields, ([name, shape]) => {
      const place = { path: path === "" ? name : `${path}.${name}`, name };
      return {
        name,
        schema: this.#schemaOf(shape, place),
        isAlways: shape.count === objects.count,
      };
    });
    if (objects.isCut)
      this.guesses.add(path, "has more fields, or deeper ones, than are described");
    const required = fields.filter(({ isAlways }) => isAlways).map(({ name }) => name);
    return {
      properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
      ...(required.length === 0 ? {} : { required }),
    };
  }
}

type Take = (type: string | readonly string[], keywords?: JsonObject) => void;

const LONG_INTEGER =
  "An integer. Beyond 2^53 it is given as text, so that no digit is lost; it can't be written as a number.";

function byName(name: string): FieldUnit | undefined {
  const unit = unitByName(name);
  return unit === undefined ? undefined : { unit, by: "its name" };
}
