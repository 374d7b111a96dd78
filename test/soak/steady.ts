/** As many calls as worker and relay answer, then with pauses, and a listener that comes back over and over. */
import { openHost } from "../bench/bench-host.ts";
import { Lane } from "../bench/lane.ts";
import { callTool } from "../bench/mcp-call.ts";
import type { Operation } from "../bench/subject.ts";
import { openProduct, type OpenProduct } from "../bench/subjects/product.ts";
import { EventSource } from "../support/clients/event-source.ts";
import { freePort } from "../support/processes/free-port.ts";
import { pause } from "../support/pause.ts";
import { isMemoryFlat } from "./memory.ts";

/**
 * Until then what is bounded fills, at the full rate: the relay's samples (8 MiB) in six minutes, its journal in five, and in
 * some three hundred thousand calls what workerd keeps beside the objects of JavaScript.
 */
const WARM_UP_MS = 14 * 60_000;
/** Then calls have pauses, and the Worker's memory rises once more, by some six MB: nothing is measured before that is over. */
const SETTLING_MS = 4 * 60_000;
/** Fewer say nothing behind that. */
export const MIN_STEADY_MINUTES = 24;
/** Between two calls of one lane. */
const PAUSE_MS = 20;
/** A reader that comes back with its last id, over and over. */
const LISTENED_MS = 15_000;

const LOAD: readonly Operation[] = ["get_record", "get_record", "list_records", "set_record"];

/** False where memory grows, or a call failed. */
export async function soakSteadily(totalMs: number): Promise<boolean> {
  const host = await openHost({ records: 50, moving: 10, hz: 10 });
  const inspectorPort = await freePort();
  const product = await openProduct([host.socketPath], ["--inspector-port", String(inspectorPort)]);
  try {
    return await soak(product, inspectorPort, performance.now() + totalMs);
  } finally {
    await product.close();
    await host.close();
  }
}

async function soak(product: OpenProduct, inspectorPort: number, endMs: number): Promise<boolean> {
  const counts = { calls: 0, failed: 0, events: 0 };
  const warmMs = performance.now() + WARM_UP_MS;
  const lanes = LOAD.map((operation) => callUntil(endMs, product, { operation, counts, warmMs }));
  const listening = listenUntil(endMs, product, counts);
  const isFlat = await isMemoryFlat({
    pids: product.pids,
    inspectorPort,
    fromMs: warmMs + SETTLING_MS,
    endMs,
    tell: () => `${counts.calls} calls`,
  });
  await Promise.all([...lanes, listening]);
  const { calls, failed, events } = counts;
  process.stdout.write(`${calls} calls, ${failed} failed, ${events} events\n`);
  return failed === 0 && events > 0 && isFlat;
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
