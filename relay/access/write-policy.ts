/**
 * May this record be written? The device has the last word: whatever the worker asked, this is
 * decided here again, for every write. Pure.
 */
import type { Origin } from "#shared/aimx/graph.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { matchesGlob } from "#shared/text/glob.ts";
import type { Approval } from "#shared/link/methods/record-set.ts";
import type { Config, WritableRecord } from "../config.ts";

export type WriteDecision =
  | {
      readonly writable: true;
      readonly reason: string;
      /** Every entry that opens the record; the limits of all of them hold. */
      readonly entries: readonly WritableRecord[];
    }
  | {
      readonly writable: false;
      readonly refusedBy: "host" | "device";
      readonly reason: string;
    };

export interface WriteTarget {
  readonly instance: string;
  readonly row: RecordRow;
  /** From `graph.nodes` of the connection that will write; undefined if the host has no graph. */
  readonly origin: Origin | undefined;
}

export function decideWrite(
  config: Pick<Config, "writableRecords" | "confirmWrites">,
  { instance, row, origin }: WriteTarget,
): WriteDecision {
  const entries = config.writableRecords.filter(
    (entry) =>
      matchesGlob(entry.record, row.record_key) && matchesGlob(entry.instance ?? "*", instance),
  );
  const producer = producerRefusal(origin, row.record_key, entries);
  if (!row.writable) return refuse("host", "The host's policy does not let it be written.");
  if (producer !== undefined) return refuse("device", producer);
  if (entries.length === 0) return refuse("device", CLOSED);
  return { writable: true, reason: OPEN[config.confirmWrites], entries };
}

const CLOSED = "The device file does not open it: that takes an entry in its writable_records.";

const OPEN: Readonly<Record<Config["confirmWrites"], string>> = {
  never: "The device file opens it.",
  always: "The device file opens it; each write needs a confirmation.",
  local: "The device file opens it; each write needs an approval on the device.",
};

/** `local` is the device's own operator's, the others are the worker's word. */
export type GivenApproval = Approval | "local" | undefined;

export function isApproved(
  { confirmWrites }: Pick<Config, "confirmWrites">,
  given: GivenApproval,
): boolean {
  switch (confirmWrites) {
    case "never":
      return true;
    case "always":
      return given !== undefined;
    case "local":
      return given === "local";
  }
}

function refuse(refusedBy: "host" | "device", reason: string): WriteDecision {
  return { writable: false, refusedBy, reason };
}

/** Hosts do not enforce "one producer" themselves: a write would compete with the application's own values. */
function producerRefusal(
  origin: Origin | undefined,
  key: string,
  entries: readonly WritableRecord[],
): string | undefined {
  if (origin === undefined) {
    const assumed = entries.some((entry) => entry.assume_no_producer && entry.record === key);
    return assumed
      ? undefined
      : "The host has no graph, so a producer can't be ruled out; the device file can: assume_no_producer.";
  }
  return origin === "passive" ? undefined : "The application produces it.";
}
