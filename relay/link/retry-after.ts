/** When a refusal says to come again (RFC 9110, 10.2.3), as a wait. Pure. */

/** A date may come from anything in front of the worker: a proxy, a maintenance page. */
const MAX_DATED_WAIT_MS = 3_600_000;

/** The form that everybody sends (RFC 9110, 5.6.7). `Date.parse` alone accepts much that is not a date. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

export interface RefusalTimes {
  readonly "retry-after"?: string | undefined;
  readonly date?: string | undefined;
}

/** A date is read by its sender's clock: the one here may be wrong. */
export function retryAfterMs(headers: RefusalTimes): number | undefined {
  const { "retry-after": retryAfter, date } = headers;
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,5}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const [untilMs, sentMs] = [httpDateMs(retryAfter), httpDateMs(date)];
  if (untilMs === undefined || sentMs === undefined) return undefined;
  return Math.min(Math.max(0, untilMs - sentMs), MAX_DATED_WAIT_MS);
}

function httpDateMs(text = ""): number | undefined {
  const ms = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
