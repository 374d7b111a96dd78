/** A caller's span of time, as ages before now. */
import { err, ok, type Result } from "../../result.ts";

export interface NamedRange {
  readonly lastSeconds?: number | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Absent: as far back as there is, or now. */
export interface AgeRange {
  readonly fromAgeMs?: number | undefined;
  readonly toAgeMs?: number | undefined;
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/;

export function toAgeRange(
  { lastSeconds, from, to }: NamedRange,
  nowMs: number,
): Result<AgeRange, string> {
  if (lastSeconds !== undefined && from !== undefined) {
    return err("Give last_seconds or from, not both.");
  }
  const toMs = parseTime(to);
  const fromMs = parseTime(from);
  if (toMs === null || fromMs === null) return err(`${FORM} ${nowIs(nowMs)}`);
  const toAgeMs = toMs === undefined ? undefined : Math.max(0, nowMs - toMs);
  const endAgeMs = toAgeMs ?? 0;
  const fromAgeMs = fromMs === undefined ? backFrom(endAgeMs, lastSeconds) : nowMs - fromMs;
  if (fromAgeMs !== undefined && fromAgeMs <= endAgeMs) {
    return err(`from must be before to, and in the past. ${nowIs(nowMs)}`);
  }
  return ok({ fromAgeMs, toAgeMs });
}

/** Seconds count from the end that was named. */
function backFrom(endAgeMs: number, seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : endAgeMs + seconds * 1000;
}

const FORM =
  "from and to are ISO-8601 with a zone, such as 2026-11-25T10:00:00Z or 2026-11-25 (midnight UTC).";

/** A model that writes "yesterday" knows no clock, and one that asks for the future has another's. */
function nowIs(nowMs: number): string {
  return `It is now ${new Date(nowMs).toISOString()}; last_seconds counts back without a clock.`;
}

/** Null for a text that is not a time. */
function parseTime(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
