/** Metrics in Prometheus' text form, version 0.0.4. Pure. */

export interface Metric {
  /** `[a-z_]+`; a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  /** None where it is not known: the metric is left out. */
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export function toExposition(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(({ labels = {}, value }) => `${name}${toLabels(labels)} ${value}`),
        "",
      ].join("\n"),
    )
    .join("");
}

function toLabels(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return texts.length === 0 ? "" : `{${texts.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
