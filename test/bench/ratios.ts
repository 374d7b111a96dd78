/** The numbers that the project is held to, each a ratio of two cells of one run. */
import type { CellRow } from "./run.ts";

export function ratiosOf(rows: readonly CellRow[]): Record<string, number | null> {
  const cell = (subject: string, concurrency: number) =>
    rows.find(
      (row) =>
        row.subject === subject &&
        row.concurrency === concurrency &&
        row.operation === "get_record" &&
        row.calls > 0,
    );
  const ratio = (
    of: "p50_ms" | "rps",
    concurrency: number,
    other: string,
    own = "aimdb-remote",
  ): number | null => {
    const mine = cell(own, concurrency)?.[of];
    const theirs = cell(other, concurrency)?.[of];
    if (mine === undefined || theirs === undefined) return null;
    return Math.round((mine / theirs) * 1000) / 1000;
  };
  return {
    get_record_p50_vs_limit_c1: ratio("p50_ms", 1, "limit"),
    get_record_rps_vs_limit_c16: ratio("rps", 16, "limit"),
    get_record_2025_rps_vs_limit_c16: ratio("rps", 16, "limit", "aimdb-remote-2025"),
    get_record_rps_vs_limit_coalesced_c16: ratio("rps", 16, "limit-coalesced"),
    ...versus(ratio, "supergateway"),
    ...versus(ratio, "mcp-proxy"),
    ...versus(ratio, "sdk+ssh"),
    ...versus(ratio, "sdk+chisel"),
  };
}

function versus(
  ratio: (of: "rps", concurrency: number, other: string) => number | null,
  other: string,
): Record<string, number | null> {
  const name = other.replaceAll(/[^a-z]/g, "_");
  return Object.fromEntries(
    [1, 16, 64].map((c) => [`get_record_rps_vs_${name}_c${c}`, ratio("rps", c, other)]),
  );
}
