/** Metrics in Prometheus' text form, version 0.0.4. Pure. */
import { DURATION_BOUNDS_S, type DurationCounts } from "./duration-counts.ts";

export type Labels = Readonly<Record<string, string>>;

export type Metric = {
  /** `[a-z_]+`; a counter's ends in `_total`, a duration's in `_seconds`. */
  readonly name: string;
  readonly help: string;
} & (
  | {
      readonly type: "counter" | "gauge";
      /** Empty if unknown: the metric is left out. */
      readonly samples: readonly MetricSample[];
    }
  | { readonly type: "histogram"; readonly samples: readonly DurationSample[] }
);

export interface MetricSample {
  readonly labels?: Labels;
  readonly value: number;
}

export interface DurationSample {
  readonly labels?: Labels;
  readonly durations: DurationCounts;
}

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function toExposition(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map((metric) =>
      [
        `# HELP ${metric.name} ${metric.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
        `# TYPE ${metric.name} ${metric.type}`,
        ...linesOf(metric),
        "",
      ].join("\n"),
    )
    .join("");
}

function linesOf(metric: Metric): string[] {
  const { name } = metric;
  return metric.type === "histogram"
    ? metric.samples.flatMap((sample) => durationLines(name, sample))
    : metric.samples.map(({ labels = {}, value }) => line(name, labels, value));
}

/** A bucket counts all that took no longer than its bound. */
function durationLines(name: string, { labels = {}, durations }: DurationSample): string[] {
  let upTo = 0;
  const buckets = durations.counts.map((count, i) => {
    upTo += count;
    const le = DURATION_BOUNDS_S[i]?.toString() ?? "+Inf";
    return line(`${name}_bucket`, { ...labels, le }, upTo);
  });
  return [
    ...buckets,
    line(`${name}_sum`, labels, durations.sumMs / 1_000),
    line(`${name}_count`, labels, upTo),
  ];
}

function line(name: string, labels: Labels, value: number): string {
  const texts = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${texts.length === 0 ? "" : `{${texts.join(",")}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
