/**
 * `npm run soak -- --minutes N`: worker and relay under a steady load, and whether their memory grows. Ends with 1 where it
 * does, or where a call failed. Of the Worker counts what is left behind a collection: left alone, its engine collects so late
 * that for an hour nobody can tell what it has not collected from what it can't.
 */
import { parseArgs } from "node:util";
import { openHost } from "../bench/bench-host.ts";
import { Lane } from "../bench/lane.ts";
import { callTool } from "../bench/mcp-call.ts";
import { endStartedOnSignal } from "../support/started.ts";
import { pause } from "../support/pause.ts";
import { usageOf } from "../bench/process-usage.ts";
import type { Operation } from "../bench/subject.ts";
import { openProduct, type OpenProduct } from "../bench/subjects/product.ts";
import { EventSource } from "../support/event-source.ts";
import { freePort } from "../support/free-port.ts";
import { collectedKib } from "./inspector.ts";
import { isGrowing, minuteMeans, slopeOf, type Point } from "./slope.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "30" } } });
const totalMs = Number(values.minutes) * 60_000;

/**
 * Until then what is bounded fills, at the full rate: the relay's samples (8 MiB) in six minutes, its journal in five, and in
 * some three hundred thousand calls what workerd keeps beside the objects of JavaScript.
 */
const WARM_UP_MS = 14 * 60_000;
/** Then calls have pauses, and the Worker's memory rises once more, by some six MB: nothing is measured before that is over. */
const SETTLING_MS = 4 * 60_000;
/** Fewer say nothing behind that. */
const MIN_MINUTES = 24;
const SAMPLE_EVERY_MS = 10_000;
/** A leak of a few bytes a call is more than that within minutes: some thousand calls are made in each. */
const MAX_KIB_PER_MINUTE = 100;
/** Between two calls of one lane. */
const PAUSE_MS = 20;
/** A reader that comes back with its last id, over and over. */
const LISTENED_MS = 15_000;

const LOAD: readonly Operation[] = ["get_record", "get_record", "list_records", "set_record"];

/** Private memory of the processes, and of the Worker's what JavaScript has in use. */
const WATCHED = ["worker", "worker's objects", "relay"] as const;
type Watched = (typeof WATCHED)[number];

async function soak(product: OpenProduct): Promise<boolean> {
  const endMs = performance.now() + totalMs;
  const counts = { calls: 0, failed: 0, events: 0 };
  const warmMs = performance.now() + WARM_UP_MS;
  const lanes = LOAD.map((operation) => callUntil(endMs, product, { operation, counts, warmMs }));
  const points: Record<Watched, Point[]> = { worker: [], "worker's objects": [], relay: [] };
  const listening = listenUntil(endMs, product, counts);
  // Not when the load has ended: nothing is collected then.
  while (performance.now() + 2 * SAMPLE_EVERY_MS < endMs) {
    await pause(SAMPLE_EVERY_MS);
    const objects = await collectedKib(inspectorPort);
    if (performance.now() < warmMs + SETTLING_MS) continue;
    const kib = {
      worker: privateKib(product.pids.worker),
      "worker's objects": objects,
      relay: privateKib(product.pids.relay),
    };
    for (const name of WATCHED) points[name].push({ atMs: performance.now(), kib: kib[name] });
    process.stderr.write(
      `${counts.calls} calls: ${WATCHED.map((name) => `${name} ${Math.round(kib[name])}`).join(", ")} KiB\n`,
    );
  }
  await Promise.all([...lanes, listening]);
  const { calls, failed, events } = counts;
  process.stdout.write(`${calls} calls, ${failed} failed, ${events} events\n`);
  const flat = WATCHED.map((name) => tell(name, points[name]));
  return failed === 0 && events > 0 && flat.every(Boolean);
}

function privateKib(pid: number): number {
  return usageOf(pid).anonMb * 1024;
}

function tell(name: string, points: readonly Point[]): boolean {
  const slope = slopeOf(minuteMeans(points));
  const { perMinute, error } = slope;
  const isFlat = !isGrowing(slope, MAX_KIB_PER_MINUTE);
  const [first, last] = [points[0]?.kib ?? 0, points.at(-1)?.kib ?? 0].map(Math.round);
  process.stdout.write(
    `${name}: ${first} to ${last} KiB, ${perMinute.toFixed(0)} ± ${(2 * error).toFixed(0)} KiB a minute: ${isFlat ? "flat" : "GROWING"}\n`,
  );
  return isFlat;
}

interface Counts {
  calls: number;
  failed: number;
  events: number;
}

async function callUntil(
  endMs: number,
  { mcpUrl: url, token, instances }: OpenProduct,
  {
    operation,
    counts,
    warmMs,
  }: { readonly operation: Operation; readonly counts: Counts; readonly warmMs: number },
): Promise<void> {
  const lane = new Lane();
  const target = { url, token, era: "2026-07-28", instance: instances[0] } as const;
  while (performance.now() < endMs) {
    counts.calls += 1;
    await callTool(lane, target, operation).catch((error: unknown) => {
      counts.failed += 1;
      process.stderr.write(`${operation}: ${String(error)}\n`);
    });
    if (performance.now() > warmMs) await pause(PAUSE_MS);
  }
  lane.close();
}

async function listenUntil(
  endMs: number,
  { mcpUrl, token, instances }: OpenProduct,
  counts: Counts,
): Promise<void> {
  let lastEventId: string | undefined;
  while (performance.now() < endMs) {
    const records = [`${instances[0]}/bench.value0`];
    const source = await EventSource.open(mcpUrl, { token, records, lastEventId });
    await pause(Math.min(LISTENED_MS, Math.max(0, endMs - performance.now())));
    source.cut();
    await source.ended;
    counts.events += source.of("sample").length;
    lastEventId = source.lastEventId ?? lastEventId;
  }
}

if (!(Number(values.minutes) >= MIN_MINUTES)) {
  throw new Error(`--minutes must be ${MIN_MINUTES} or more: what is bounded fills first.`);
}
endStartedOnSignal();
const host = await openHost({ records: 50, moving: 10, hz: 10 });
const inspectorPort = await freePort();
const product = await openProduct([host.socketPath], ["--inspector-port", String(inspectorPort)]);
try {
  process.exitCode = (await soak(product)) ? 0 : 1;
} finally {
  await product.close();
  await host.close();
}
