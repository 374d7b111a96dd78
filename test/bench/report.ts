/** What a run found, as Markdown: `docs/benchmarks.md`. Pure. */
import type { Results } from "./results.ts";
import { OPERATIONS } from "./subject.ts";

export function toMarkdown(results: Results): string {
  const sections = [
    ["# Benchmarks", aboutRun(results)],
    ["## Ratios", ratios(results)],
    ...OPERATIONS.map((operation) => [`## \`${operation}\``, cells(results, operation)]),
    ["## One question to many relays", fanOut(results)],
    ["## Relays of one worker", crowd(results)],
    ["## Event stream: from production at the host to the reader", events(results)],
    ["## What a relay costs its gateway: five instances", footprint(results)],
    ["## Not measured on this machine", missing(results)],
  ];
  return sections
    .filter(([, body]) => body !== "")
    .map(([title, body]) => `${title}\n\n${body}\n`)
    .join("\n");
}

function aboutRun({ machine, node, command, date }: Results): string {
  const { model, cores, memory_gb, kernel } = machine;
  return [
    `${date.slice(0, 10)}, ${model}, ${cores} cores, ${memory_gb} GB, Linux ${kernel}, Node ${node}:`,
    "",
    "```sh",
    command,
    "```",
    "",
    "All subjects run on this one machine, in turn, window by window. The median window of each counts. Client, worker, relay and host share its",
    "cores: calls per second are what all of them together leave room for.",
    "",
    "`limit` is the bare way of a call: HTTP, Worker, Durable Object, WebSocket, relay and Unix socket. It carries as many bytes there and back, without",
    "MCP, tokens or schemas, and stores nothing. The rivals answer without teams, policies or a log. Every write of ours is stored and logged before it",
    "is sent.",
    "",
    "A line of 25 ms is how much later each relay answers. Without one, fifty relays are fifty messages of one process. Where windows are short, single",
    "cells may be a tenth or two off.",
  ].join("\n");
}

function ratios({ ratios: all }: Results): string {
  const measured = Object.entries(all).filter(([, value]) => value !== null);
  return table(
    ["ratio", "value"],
    measured.map(([name, value]) => [`\`${name}\``, text(value)]),
  );
}

function cells({ cells: all }: Results, operation: string): string {
  return table(
    ["subject", "MCP", "at a time", "calls/s", "p50 ms", "p99 ms", "errors", "CPU ms per call"],
    all
      .filter((row) => row.operation === operation)
      .map((row) => [
        row.subject,
        row.era,
        text(row.concurrency),
        text(row.rps),
        text(row.p50_ms),
        text(row.p99_ms),
        text(row.errors),
        Object.entries(row.cpu_ms_per_call)
          .map(([role, ms]) => `${role} ${text(ms)}`)
          .join(", "),
      ]),
  );
}

function fanOut({ fan_out }: Results): string {
  return table(
    ["subject", "relays", "line ms", "calls/s", "p50 ms", "p99 ms", "errors"],
    fan_out.map((cell) => [
      cell.subject,
      ...[cell.relays, cell.line_ms, cell.rps, cell.p50_ms, cell.p99_ms, cell.errors].map(text),
    ]),
  );
}

function crowd({ relays_per_worker }: Results): string {
  return table(
    [
      "relays",
      "calls/s, 16 at a time",
      "p50 ms",
      "p99 ms",
      "errors",
      "p50 ms of a sleeping one",
      "worker RSS MB",
      "idle CPU %",
    ],
    relays_per_worker.map((cell) =>
      [
        cell.relays,
        cell.rps,
        cell.p50_ms,
        cell.p99_ms,
        cell.errors,
        cell.woken_p50_ms,
        cell.worker_rss_mb,
        cell.worker_idle_cpu_percent,
      ].map(text),
    ),
  );
}

function events({ events: all }: Results): string {
  return table(
    ["streams", "p50 ms", "p99 ms", "max ms", "samples", "worker CPU %", "relay CPU %"],
    all.map((cell) =>
      [
        cell.streams,
        cell.p50_ms,
        cell.p99_ms,
        cell.max_ms,
        cell.samples,
        cell.worker_cpu_percent,
        cell.relay_cpu_percent,
      ].map(text),
    ),
  );
}

function footprint({ footprint: all }: Results): string {
  return table(
    ["process", "RSS MB", "private MB", "CPU % of a core", "calls/s"],
    all.map(({ of, rss_mb, anon_mb, cpu_percent, rps }) => [
      of,
      ...[rss_mb, anon_mb, cpu_percent, rps].map(text),
    ]),
  );
}

function missing({ missing: all }: Results): string {
  return Object.entries(all)
    .map(([subject, reason]) => `- ${subject}: ${reason}`)
    .join("\n");
}

/** Empty without rows. As wide as its cells, which is how the formatter has it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(3, ...all.map((row) => (row[i] ?? "").length)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => (row[i] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

/** Three digits that count are more than two runs agree on. */
function text(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
