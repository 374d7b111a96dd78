/** Host times: AimX 1 sends Unix time as text, `"<seconds>.<nine digits>"`. */

const UNIX_NANOS = /^(\d{1,11})\.(\d{9})$/;

/**
 * ISO-8601 in UTC with the host's nine digits, which a Date would cut to three.
 * Null for anything that is not a host time.
 */
export function isoFromUnixNanos(text: string): string | null {
  const match = UNIX_NANOS.exec(text);
  if (match === null) return null;
  const date = new Date(Number(match[1]) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(".000Z", `.${match[2]}Z`);
}

/** Unix milliseconds of what `isoFromUnixNanos` made, fractions kept. */
export function unixMsFromIso(iso: string): number {
  const fraction = /\.(\d+)Z$/.exec(iso)?.[1] ?? "0";
  return Math.floor(Date.parse(iso) / 1000) * 1000 + Number(`0.${fraction}`) * 1000;
}
