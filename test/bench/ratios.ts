/** The numbers that the project is held to, each of cells of one run. Null: not measured. Pure. */
import { round } from "./measure.ts";
import type { Measured } from "./results.ts";
import { OPERATIONS, type Operation } from "./subject.ts";

export function ratiosOf({
  cells,
  fan_out,
  events,
}: Pick<Measured, "cells" | "fan_out" | "events">): Record<string, number | null> {
  const cell = (subject: string, concurrency: number, operation: Operation) =>
    cells.find(
      (row) =>
        row.subject === subject &&
        row.concurrency === concurrency &&
        row.operation === operation &&
        row.calls > 0,
    );
  const ratio: Ratio = (of, concurrency, other, { own = OWN, operation = "get_record" } = {}) =>
    quotient(
      cell(own, concurrency, operation)?.[of] ?? null,
      cell(other, concurrency, operation)?.[of] ?? null,
    );
  const fanOut = (count: number, lineMs: number, whose = OWN) =>
    fan_out.find(
      ({ subject, relays, line_ms }) => subject === whose && relays === count && line_ms === lineMs,
    )?.p50_ms ?? null;
  return {
    ...versusLimit(ratio),
    get_record_2025_rps_vs_limit_c16: ratio("rps", 16, "limit", { own: "aimdb-remote-2025" }),
    get_record_rps_vs_limit_coalesced_c16: ratio("rps", 16, "limit-coalesced"),
    ...versus(ratio, "supergateway"),
    ...versus(ratio, "mcp-proxy"),
    ...versus(ratio, "sdk+ssh"),
    ...versus(ratio, "sdk+chisel"),
    fanout_50_p50_vs_1: quotient(fanOut(50, 0), fanOut(1, 0)),
    fanout_50_p50_vs_1_line_25ms: quotient(fanOut(50, 25), fanOut(1, 25)),
    fanout_50_p50_vs_1_of_limit: quotient(fanOut(50, 0, "limit"), fanOut(1, 0, "limit")),
    fanout_50_p50_vs_limit: quotient(fanOut(50, 0), fanOut(50, 0, "limit")),
    event_p99_ms: events.find(({ streams }) => streams === 1)?.p99_ms ?? null,
  };
}

type Ratio = (
  of: "p50_ms" | "rps",
  concurrency: number,
  other: string,
  which?: { readonly own?: string; readonly operation?: Operation },
) => number | null;

const OWN = "aimdb-remote";

function versusLimit(ratio: Ratio): Record<string, number | null> {
  return Object.fromEntries(
    OPERATIONS.flatMap((operation) => [
      [`${operation}_p50_vs_limit_c1`, ratio("p50_ms", 1, "limit", { operation })],
      [`${operation}_rps_vs_limit_c16`, ratio("rps", 16, "limit", { operation })],
      [`${operation}_rps_vs_limit_c64`, ratio("rps", 64, "limit", { operation })],
    ]),
  );
}

function versus(ratio: Ratio, other: string): Record<string, number | null> {
  const name = other.replaceAll(/[^a-z]/g, "_");
  return Object.fromEntries(
    [1, 16, 64].map((c) => [`get_record_rps_vs_${name}_c${c}`, ratio("rps", c, other)]),
  );
}

function quotient(mine: number | null, theirs: number | null): number | null {
  return mine === null || theirs === null ? null : round(mine / theirs);
}
