/** Extremes, mean and trend of one number over time, in one pass. */
import type { JsonObject } from "../../json/json.ts";
import { presentableText } from "../answers/presentable.ts";

interface Point {
  readonly value: number;
  readonly timestamp: string;
}

const MAX_TIME_LENGTH = 100;

export class NumberStats {
  #count = 0;
  #lowest: Point | undefined;
  #highest: Point | undefined;
  #mean = 0;
  #meanAt = 0;
  /** Sums about the means so far: of the products of both, and of the squares of time. */
  #products = 0;
  #squares = 0;

  add(value: number, timestamp: string): void {
    const point = { value, timestamp };
    if (this.#lowest === undefined || value < this.#lowest.value) this.#lowest = point;
    if (this.#highest === undefined || value > this.#highest.value) this.#highest = point;
    this.#count += 1;
    // Divided before they are subtracted: two large numbers have a mean, and no difference.
    this.#mean += value / this.#count - this.#mean / this.#count;
    const atMs = Date.parse(timestamp);
    const sinceMean = atMs - this.#meanAt;
    this.#meanAt += sinceMean / this.#count;
    this.#products += sinceMean * (value - this.#mean);
    this.#squares += sinceMean * (atMs - this.#meanAt);
  }

  shown(): JsonObject {
    const slope = this.#slopePerMs();
    return {
      count: this.#count,
      min: this.#lowest?.value ?? null,
      min_at: presentableText(this.#lowest?.timestamp ?? "", MAX_TIME_LENGTH),
      max: this.#highest?.value ?? null,
      max_at: presentableText(this.#highest?.timestamp ?? "", MAX_TIME_LENGTH),
      mean: rounded(this.#mean, MEAN_DIGITS),
      trend_per_minute: slope === undefined ? null : rounded(slope * 60_000, TREND_DIGITS),
    };
  }

  /** The slope of the least-squares line; undefined if there is no span of time. */
  #slopePerMs(): number | undefined {
    const slope = this.#products / this.#squares;
    return this.#squares > 0 && Number.isFinite(slope) ? slope : undefined;
  }
}

const MEAN_DIGITS = 12;
const TREND_DIGITS = 4;

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}
