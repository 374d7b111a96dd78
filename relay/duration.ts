/** A length of time, as a person reads it. */

const UNITS = [
  { ms: 86_400_000, name: "d" },
  { ms: 3_600_000, name: "h" },
  { ms: 60_000, name: "min" },
  { ms: 1_000, name: "s" },
] as const;

/** In the largest unit that gives more than one of it. */
export function duration(ms: number): string {
  const unit = UNITS.find((unit) => ms >= 2 * unit.ms);
  return unit === undefined ? `${Math.round(ms)} ms` : `${Math.floor(ms / unit.ms)} ${unit.name}`;
}
