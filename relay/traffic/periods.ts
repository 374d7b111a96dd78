/** The hours and months that traffic is counted by: the clock's and the calendar's, in UTC, so that all can name them. Pure. */

export const PERIOD_NAMES = ["hour", "month"] as const;
export type PeriodName = (typeof PERIOD_NAMES)[number];

const HOUR_MS = 3_600_000;

export interface Period {
  /** Unix milliseconds. */
  readonly beginMs: number;
  /** When the next one begins. */
  readonly endMs: number;
}

export function periodAt(name: PeriodName, wallMs: number): Period {
  if (name === "hour") {
    const beginMs = Math.floor(wallMs / HOUR_MS) * HOUR_MS;
    return { beginMs, endMs: beginMs + HOUR_MS };
  }
  const now = new Date(wallMs);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return { beginMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
}
