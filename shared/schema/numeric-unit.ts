/** Which unit the numbers of a record are in: by what its host says, else by names. */
import * as z from "zod/mini";
import type { JsonValue } from "../json/json.ts";
import { unitByName, wordsOf } from "./field-unit.ts";
import { isTimeName, unixTimeOf } from "./time-field.ts";
import type { ValueShape } from "./value-shape.ts";
import { safeParse } from "../parse/safe-parse.ts";

export interface FieldUnit {
  readonly unit: string;
  /** How it is known, if the host did not say it of this very field. */
  readonly by?: string;
}

export interface UnitSources {
  /** The type's own name, without its path. */
  readonly typeName: string;
  /** `signal_stats` of the record's row. */
  readonly signals: readonly JsonValue[];
}

const signalSchema = z.object({ signal: z.string(), unit: z.string().check(z.maxLength(20)) });

/** By the name of a field of the value, or `""` for a value that is a number itself. */
export function unitsOf(
  root: ValueShape,
  { typeName, signals }: UnitSources,
): ReadonlyMap<string, FieldUnit> {
  const told = signals.flatMap((signal) => {
    const parsed = safeParse(signalSchema, signal);
    return parsed.success ? [parsed.data] : [];
  });
  const numeric = numericFields(root);
  const units = new Map<string, FieldUnit>();
  for (const name of numeric) {
    const signal = told.find((candidate) => isSameName(candidate.signal, name));
    const byName = unitByName(name);
    if (signal !== undefined) units.set(name, { unit: signal.unit });
    else if (byName !== undefined) units.set(name, { unit: byName, by: "its name" });
  }
  const [only, ...others] = numeric.filter((name) => !units.has(name));
  if (only === undefined || others.length > 0) return units;
  const beside = unitOfOnly(root, typeName, numeric.length === 1 ? told : []);
  return beside === undefined ? units : units.set(only, beside);
}

/** For a value with a single number of unknown unit: any hint of a unit is about that number. */
function unitOfOnly(
  root: ValueShape,
  typeName: string,
  told: readonly z.infer<typeof signalSchema>[],
): FieldUnit | undefined {
  const [signal, ...others] = told;
  if (signal !== undefined && others.length === 0) {
    return { unit: signal.unit, by: `the host's only signal, "${signal.signal}"` };
  }
  const field = unitField(root);
  if (field !== undefined) return { unit: field, by: "the field beside it" };
  const unit = unitByName(typeName);
  return unit === undefined ? undefined : { unit, by: "the type's name" };
}

/** `{"temp": 21.5, "unit": "C"}`, as long as it is always the same. */
function unitField({ objects }: ValueShape): string | undefined {
  const field = [...objects.fields].find(([name]) => /^(unit|units|uom)$/i.test(name))?.[1];
  const texts = field?.strings.texts;
  if (field === undefined || texts?.size !== 1 || field.strings.isFree) return undefined;
  const [text = ""] = texts;
  return text !== "" && text.length <= 20 ? text : undefined;
}

/** Without times, and without what only tells versions and ids apart. */
function numericFields(root: ValueShape): string[] {
  if (root.numbers.count > 0) return [""];
  return Array.from(root.objects.fields)
    .filter(([name, { numbers }]) => numbers.count > 0 && !isTime(name, numbers))
    .map(([name]) => name)
    .filter((name) => !NO_MEASURE.has(wordsOf(name).at(-1) ?? ""));
}

const NO_MEASURE: ReadonlySet<string> = new Set(["id", "version", "seq", "sequence", "index"]);

function isTime(name: string, { min, max }: ValueShape["numbers"]): boolean {
  return isTimeName(name) || unixTimeOf(name, min, max) !== undefined;
}

function isSameName(a: string, b: string): boolean {
  return wordsOf(a).join(" ") === wordsOf(b).join(" ");
}
