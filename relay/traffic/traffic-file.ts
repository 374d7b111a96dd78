/** What was counted of this hour and month, so that a restart does not reset it. */
import { join } from "node:path";
import * as z from "zod/mini";
import type { Log } from "../log.ts";
import { putAside, readPrivateJson, writePrivateFile } from "../identity/state-dir.ts";
import type { CountedPeriod } from "./counted-periods.ts";
import { NO_TRAFFIC, type CountedTraffic } from "./traffic.ts";

const FILE_NAME = "traffic.json";

const count = z.number().check(z.int(), z.minimum(0));
/** A few of each are written; a file with more is not this relay's. */
const periodsSchema = z
  .array(z.object({ begin_ms: z.number().check(z.int()), sent: count, received: count }))
  .check(z.maxLength(10));
const trafficSchema = z.object({ hours: periodsSchema, months: periodsSchema });

/** A file that can't be used does not stop the relay: it is put aside, and counting starts from 0. */
export async function readTraffic(stateFolder: string, log: Log): Promise<CountedTraffic> {
  const path = join(stateFolder, FILE_NAME);
  try {
    const found = await readPrivateJson(path, trafficSchema, "is damaged");
    if (found === undefined) return NO_TRAFFIC;
    return { hours: found.hours.map(fromFile), months: found.months.map(fromFile) };
  } catch (error) {
    log.warn("traffic_unused", await putAside(path, error));
    return NO_TRAFFIC;
  }
}

export function writeTraffic(
  stateFolder: string,
  { hours, months }: CountedTraffic,
): Promise<void> {
  const text = JSON.stringify({ hours: hours.map(toFile), months: months.map(toFile) });
  return writePrivateFile(join(stateFolder, FILE_NAME), text);
}

type InFile = z.infer<typeof periodsSchema>[number];

function fromFile({ begin_ms: beginMs, sent, received }: InFile): CountedPeriod {
  return { beginMs, sent, received };
}

function toFile({ beginMs, sent, received }: CountedPeriod): InFile {
  return { begin_ms: beginMs, sent, received };
}
