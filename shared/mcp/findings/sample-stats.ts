/** What the numbers in a run of samples did. Counted as they come: a run may be longer than what is kept of it. */
import { shortestF32 } from "../../json/f32.ts";
import type { TimedSample } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { fittingPrefix } from "../answers/fit.ts";
import { MAX_FIELDS, numericFields } from "../../json/fields.ts";
import { presentableText } from "../answers/presentable.ts";
import { unixTimeOf } from "../../schema/time-field.ts";
import { NumberStats } from "./number-stats.ts";

const MAX_PATH_LENGTH = 100;

/** Of all samples: each may have other fields. */
const MAX_MEASURED = 4 * MAX_FIELDS;

export class SampleStats {
  readonly #fields = new Map<string, Field>();
  /** A value, or all together, had as many fields as are looked at, so there may be more. */
  #isBounded = false;

  add(samples: readonly TimedSample[]): void {
    for (const { value, timestamp } of samples) {
      const numbers = numericFields(value);
      this.#isBounded ||= numbers.size >= MAX_FIELDS;
      for (const [path, number] of numbers) this.#field(path)?.add(shortestF32(number), timestamp);
    }
  }

  /** `stats` by field, as many fields as fit; `stats_left_out`: how many did not. */
  shown(maxBytes: number): JsonObject {
    const measured = [...this.#fields].filter(([, { areTimes }]) => !areTimes);
    const fields = measured.map(([path, { stats }]) => [
      presentableText(path, MAX_PATH_LENGTH),
      stats.shown(),
    ]);
    const fitting = fittingPrefix(fields, maxBytes, 0);
    const left = fields.length - fitting.length;
    const count = this.#isBounded ? `${left} fields or more` : `${left} fields`;
    return {
      ...(fitting.length > 0 ? { stats: Object.fromEntries(fitting) } : {}),
      ...(left > 0 ? { stats_left_out: count } : {}),
    };
  }

  #field(path: string): Field | undefined {
    const known = this.#fields.get(path);
    if (known !== undefined) return known;
    if (this.#fields.size >= MAX_MEASURED) {
      this.#isBounded = true;
      return undefined;
    }
    const field = new Field(path.slice(path.lastIndexOf(".") + 1));
    this.#fields.set(path, field);
    return field;
  }
}

class Field {
  readonly stats = new NumberStats();
  /** The mean of times says nothing, and their trend is the clock's. */
  areTimes = true;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  add(value: number, timestamp: string): void {
    this.areTimes &&= unixTimeOf(this.#name, value, value) !== undefined;
    this.stats.add(value, timestamp);
  }
}
