/** What a host can do besides reading and writing, by what it shows. Pure. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { Capability } from "#shared/link/inventory.ts";
import type { CatalogView } from "./catalog.ts";

/** Whether the host keeps values itself; it says so only when asked for some. */
export type Persistence = "unknown" | "present" | "absent";

export function capabilitiesOf(
  { rows, graph }: CatalogView,
  persistence: Persistence,
): Capability[] {
  const tells = (field: keyof RecordRow) => rows.some((row) => row[field] !== undefined);
  const has: Readonly<Record<Capability, boolean>> = {
    graph: graph !== undefined,
    // One release brought both.
    drain: graph !== undefined,
    history: persistence === "present",
    metrics: tells("produced_count"),
    profiling: tells("stage_profiling"),
    signal_stats: tells("signal_stats"),
  };
  return ALL.filter((capability) => has[capability]);
}

const ALL: readonly Capability[] = [
  "graph",
  "drain",
  "history",
  "metrics",
  "profiling",
  "signal_stats",
];
