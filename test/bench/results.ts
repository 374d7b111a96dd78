/** What one run of the bench found. */
import type { EventCell } from "./event-latency.ts";
import type { CrowdCell, FanOutCell } from "./fan-out.ts";
import type { Footprint } from "./footprint.ts";
import type { CellRow } from "./run.ts";

export interface Results {
  readonly machine: {
    readonly model: string;
    readonly cores: number;
    readonly memory_gb: number;
    readonly kernel: string;
  };
  readonly node: string;
  readonly command: string;
  /** ISO-8601. */
  readonly date: string;
  readonly ratios: Readonly<Record<string, number | null>>;
  readonly cells: readonly CellRow[];
  readonly fan_out: readonly FanOutCell[];
  readonly relays_per_worker: readonly CrowdCell[];
  readonly events: readonly EventCell[];
  readonly footprint: readonly Footprint[];
  /** What could not be measured on this machine, and what it lacks. */
  readonly missing: Readonly<Record<string, string>>;
}

export type Measured = Pick<
  Results,
  "cells" | "fan_out" | "relays_per_worker" | "events" | "footprint" | "missing"
>;
