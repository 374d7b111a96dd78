/** Whether the memory of the Worker and of a relay grows. */
import { usageOf } from "../bench/process-usage.ts";
import { pause } from "../support/pause.ts";
import { collectedKib } from "./inspector.ts";
import { isGrowing, minuteMeans, slopeOf, type Point } from "./slope.ts";

const SAMPLE_EVERY_MS = 10_000;
/** A leak of a few bytes a call is more than that within minutes: some thousand calls are made in each. */
const MAX_KIB_PER_MINUTE = 100;

/** Private memory of the processes, and of the Worker's what JavaScript has in use. */
const WATCHED = ["worker", "worker's objects", "relay"] as const;
type Watched = (typeof WATCHED)[number];

export interface WatchedMemory {
  readonly pids: { readonly worker: number; readonly relay: number };
  readonly inspectorPort: number;
  /** Until then nothing is kept. */
  readonly fromMs: number;
  readonly endMs: number;
  /** What else is told of each look. */
  readonly tell: () => string;
}

/**
 * Looks until the end, and says whether all of it is flat. Of the Worker counts what is left behind a collection: left alone,
 * its engine collects so late that for an hour nobody can tell what it has not collected from what it can't.
 */
export async function isMemoryFlat(options: WatchedMemory): Promise<boolean> {
  const { pids, inspectorPort, fromMs, endMs, tell } = options;
  const points: Record<Watched, Point[]> = { worker: [], "worker's objects": [], relay: [] };
  // Not when the load has ended: nothing is collected then.
  while (performance.now() + 2 * SAMPLE_EVERY_MS < endMs) {
    await pause(SAMPLE_EVERY_MS);
    const objects = await collectedKib(inspectorPort);
    if (performance.now() < fromMs) continue;
    const kib = {
      worker: privateKib(pids.worker),
      "worker's objects": objects,
      relay: privateKib(pids.relay),
    };
    for (const name of WATCHED) points[name].push({ atMs: performance.now(), kib: kib[name] });
    const looks = WATCHED.map((name) => `${name} ${Math.round(kib[name])}`).join(", ");
    process.stderr.write(`${tell()}: ${looks} KiB\n`);
  }
  return WATCHED.map((name) => isFlat(name, points[name])).every(Boolean);
}

function privateKib(pid: number): number {
  return usageOf(pid).anonMb * 1024;
}

function isFlat(name: string, points: readonly Point[]): boolean {
  const slope = slopeOf(minuteMeans(points));
  const { perMinute, error } = slope;
  const flat = !isGrowing(slope, MAX_KIB_PER_MINUTE);
  const [first, last] = [points[0]?.kib ?? 0, points.at(-1)?.kib ?? 0].map(Math.round);
  process.stdout.write(
    `${name}: ${first} to ${last} KiB, ${perMinute.toFixed(0)} ± ${(2 * error).toFixed(0)} KiB a minute: ${flat ? "flat" : "GROWING"}\n`,
  );
  return flat;
}
