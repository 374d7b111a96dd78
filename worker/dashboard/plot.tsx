/** A line over time as inline SVG, without a script. Its text beside it says the same in numbers. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { TimedSample } from "#shared/fleet.ts";
import { numericFields } from "#shared/mcp/numeric-fields.ts";
import { presentableText } from "#shared/mcp/presentable.ts";
import { ageText } from "./shown.tsx";

const WIDTH = 600;
const HEIGHT = 120;
/** So that the line's own width is not cut. */
const MARGIN = 6;
/** Numbers beyond it are times, in Unix milliseconds or nanoseconds: a straight line that tells nothing. */
const MAX_PLOTTED = 1e11;
/** More lines than a page can be read with. */
const MAX_PLOTS = 6;

export interface Series {
  /** `.` is the value itself. */
  readonly field: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

/** Numbers by their place in the value, oldest first; of one sample there is no line. */
export function seriesOf(samples: readonly TimedSample[]): Series[] {
  const found = new Map<string, { atMs: number; value: number }[]>();
  for (const { value, timestamp } of samples) {
    for (const [field, number] of numericFields(value)) {
      const points = found.get(field) ?? [];
      points.push({ atMs: Date.parse(timestamp), value: number });
      found.set(field, points);
    }
  }
  return [...found]
    .map(([field, points]) => ({ field, points }))
    .filter(({ points }) => points.length > 1 && !points.every(({ value }) => value > MAX_PLOTTED))
    .slice(0, MAX_PLOTS);
}

export function Plot({ series }: { series: Series }): JSX.Element {
  const { field, points } = series;
  const values = points.map(({ value }) => value);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const spanMs = (points.at(-1)?.atMs ?? 0) - (points[0]?.atMs ?? 0);
  const name = field === "." ? "value" : presentableText(field, 60);
  const about = `${name}: ${short(min)} to ${short(max)} over ${ageText(spanMs)}`;
  return (
    <figure class="plot">
      <figcaption>
        <strong>{name}</strong> <span class="muted">{`now ${short(values.at(-1) ?? 0)}`}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={about}
      >
        <polyline points={pathOf(series, min, max)} vector-effect="non-scaling-stroke" />
      </svg>
      <small class="muted">{about}</small>
    </figure>
  );
}

function pathOf({ points }: Series, min: number, max: number): string {
  const startMs = points[0]?.atMs ?? 0;
  const spanMs = Math.max(1, (points.at(-1)?.atMs ?? 0) - startMs);
  // A record that stands still is a line through the middle.
  const height = max > min ? max - min : 2;
  const low = max > min ? min : min - 1;
  return points
    .map(({ atMs, value }) => {
      const x = MARGIN + ((atMs - startMs) / spanMs) * (WIDTH - 2 * MARGIN);
      const y = HEIGHT - MARGIN - ((value - low) / height) * (HEIGHT - 2 * MARGIN);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
