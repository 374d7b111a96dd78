/** From a value's production at the host to its delivery on an event stream, for one stream and for eight. */
import { once } from "node:events";
import { get } from "node:http";
import { openHost } from "./bench-host.ts";
import { quantile, round } from "./measure.ts";
import { monotonicMs } from "./monotonic.ts";
import { usageOf } from "./process-usage.ts";
import { openProduct, type OpenProduct } from "./subjects/product.ts";

const STREAMS = [1, 8];
const HZ = 20;
/** Each stream's first samples: code is compiled and the relay subscribes. */
const WARM_UP_SAMPLES = 2 * HZ;
const RECORD = "bench.value0";

export interface EventCell {
  readonly streams: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  readonly samples: number;
  readonly worker_cpu_percent: number;
  readonly relay_cpu_percent: number;
}

export async function measureEvents(
  windowMs: number,
  tell: (text: string) => void,
): Promise<EventCell[]> {
  const host = await openHost({ moving: 1, hz: HZ });
  const product = await openProduct([host.socketPath]);
  try {
    const cells: EventCell[] = [];
    for (const streams of STREAMS) {
      const cell = await measureStreams(product, streams, windowMs);
      tell(`events on ${streams} streams: p50 ${cell.p50_ms} ms, p99 ${cell.p99_ms} ms`);
      cells.push(cell);
    }
    return cells;
  } finally {
    await product.close();
    await host.close();
  }
}

async function measureStreams(
  product: OpenProduct,
  streams: number,
  windowMs: number,
): Promise<EventCell> {
  const count = WARM_UP_SAMPLES + Math.round((windowMs / 1000) * HZ);
  const { worker, relay } = product.pids;
  const before = { worker: usageOf(worker).cpuMs, relay: usageOf(relay).cpuMs };
  const startMs = performance.now();
  const read = await Promise.all(
    Array.from({ length: streams }, () => readLatencies(product, count)),
  );
  const percent = (pid: number, beforeMs: number) =>
    round(((usageOf(pid).cpuMs - beforeMs) / (performance.now() - startMs)) * 100);
  const times = read.flat().toSorted((a, b) => a - b);
  return {
    streams,
    p50_ms: round(quantile(times, 0.5)),
    p99_ms: round(quantile(times, 0.99)),
    max_ms: round(times.at(-1) ?? Number.NaN),
    samples: times.length,
    worker_cpu_percent: percent(worker, before.worker),
    relay_cpu_percent: percent(relay, before.relay),
  };
}

/** Of `count` samples, less those of the warm-up. */
async function readLatencies(
  { mcpUrl, token, instances }: OpenProduct,
  count: number,
): Promise<number[]> {
  const url = new URL("/api/v1/events", mcpUrl);
  url.searchParams.set("record", `${instances[0]}/${RECORD}`);
  const request = get(url, { agent: false, headers: { authorization: `Bearer ${token}` } });
  const [response] = await once(request, "response");
  if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
  response.setEncoding("utf8");
  const times: number[] = [];
  for await (const chunk of response) {
    const nowMs = monotonicMs();
    for (const [, producedUs] of String(chunk).matchAll(/"produced_us":(\d+)/g)) {
      times.push(nowMs - Number(producedUs) / 1_000);
    }
    if (times.length >= count) break;
  }
  if (times.length < count) throw new Error(`The stream ended after ${times.length} samples`);
  return times.slice(WARM_UP_SAMPLES);
}
