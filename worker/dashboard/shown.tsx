/** Times, ages and values as pages show them. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { JsonValue } from "#shared/json/json.ts";
import { presentable, presentableText } from "#shared/mcp/answers/presentable.ts";

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

const MAX_SHORT_LENGTH = 120;

export function ageText(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= one) ?? ["s", 1_000];
  return `${Math.floor(Math.max(0, ms) / size)} ${unit}`;
}

export function Time({ iso }: { iso: string }): JSX.Element {
  return <time datetime={iso}>{`${iso.slice(0, 19).replace("T", " ")} UTC`}</time>;
}

export function shortValue(value: JsonValue): string {
  return presentableText(JSON.stringify(presentable(value)), MAX_SHORT_LENGTH);
}

export function wholeValue(value: JsonValue): string {
  return JSON.stringify(presentable(value), null, 2);
}

const TONES = { up: "good", live: "good", active: "good", down: "bad", revoked: "bad" } as const;

/** A state in words; its color only repeats them. */
export function State({ name }: { name: string }): JSX.Element {
  const tone = Object.entries(TONES).find(([state]) => state === name)?.[1] ?? "quiet";
  return <span class={`state ${tone}`}>{name}</span>;
}
