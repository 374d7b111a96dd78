/** A line over time as inline SVG, without a script. The text beside it gives the same in numbers. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { RecordTrace, TimedSample } from "#shared/fleet/fleet.ts";
import { MAX_PLOTTED, numericFields } from "#shared/json/fields.ts";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { ageText } from "./shown.tsx";

interface Box {
  readonly width: number;
  readonly height: number;
}

const PLOT: Box = { width: 600, height: 120 };
/** The height of a line of text. */
const SPARKLINE: Box = { width: 160, height: 32 };
/** So that the stroke's width is not cut off. */
const MARGIN = 6;
/** More lines would make the page unreadable. */
const MAX_PLOTS = 6;

export type Series = RecordTrace;

/** Numbers by their path in the value, oldest first; a single sample gives no line. */
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
  const { points } = series;
  const name = nameOf(series);
  const about = aboutOf(series);
  return (
    <figure class="plot">
      <figcaption>
        <strong>{name}</strong>{" "}
        <span class="muted">{`now ${short(points.at(-1)?.value ?? 0)}`}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${PLOT.width} ${PLOT.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={about}
      >
        <polyline points={pathOf(points, PLOT)} vector-effect="non-scaling-stroke" />
      </svg>
      <small class="muted">{about}</small>
    </figure>
  );
}

/** A plot within a line of text; what it shows is read out, and shown on hover. */
export function Sparkline({ series }: { series: Series }): JSX.Element {
  const { points } = series;
  const about = aboutOf(series);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${SPARKLINE.width} ${SPARKLINE.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={about}
    >
      <title>{about}</title>
      <polyline points={pathOf(points, SPARKLINE)} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

function nameOf({ field }: Series): string {
  return field === "." ? "value" : presentableText(field, 60);
}

function aboutOf(series: Series): string {
  const [min, max] = rangeOf(series.points);
  const spanMs = (series.points.at(-1)?.atMs ?? 0) - (series.points[0]?.atMs ?? 0);
  return `${nameOf(series)}: ${short(min)} to ${short(max)} over ${ageText(spanMs)}`;
}

function rangeOf(points: Series["points"]): readonly [number, number] {
  const values = points.map(({ value }) => value);
  return [Math.min(...values), Math.max(...values)];
}

function pathOf(points: Series["points"], { width, height: full }: Box): string {
  const [min, max] = rangeOf(points);
  const startMs = points[0]?.atMs ?? 0;
  const spanMs = Math.max(1, (points.at(-1)?.atMs ?? 0) - startMs);
  // A record that does not change is a line through the middle.
  const height = max > min ? max - min : 2;
  const low = max > min ? min : min - 1;
  return points
    .map(({ atMs, value }) => {
      const x = MARGIN + ((atMs - startMs) / spanMs) * (width - 2 * MARGIN);
      const y = full - MARGIN - ((value - low) / height) * (full - 2 * MARGIN);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
