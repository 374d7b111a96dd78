/** What a relay costs its gateway: idle, with records that move, and asked as much as it can. */
import { openHost, type OpenHost } from "./bench-host.ts";
import { Child } from "./child.ts";
import { Lane } from "./lane.ts";
import { callTool } from "./mcp-call.ts";
import { measure, round } from "./measure.ts";
import { pause } from "../support/pause.ts";
import { usageOf } from "./process-usage.ts";
import { openProduct, type OpenProduct } from "./subjects/product.ts";

/** Of a gateway: so many instances, and so many records in all of them that move. */
const INSTANCES = 5;
const LIVE_RECORDS = 50;
const HZ = 10;
/** Those of each instance that stand still, and are what calls ask for. */
const STILL = 2;
const CONCURRENCY = 64;
/** Of one measurement; a relay collects its garbage seldom. */
const WINDOWS = 5;

export interface Footprint {
  readonly of: string;
  readonly rss_mb: number;
  /** Private memory; the rest of RSS are pages of Node's own file. */
  readonly anon_mb: number;
  /** Of one core. */
  readonly cpu_percent: number;
  /** While it was asked. */
  readonly rps?: number | undefined;
}

export async function measureFootprint(
  windowMs: number,
  tell: (text: string) => void,
): Promise<Footprint[]> {
  const watchMs = windowMs * WINDOWS;
  const found = [
    await ofEmptyNode(watchMs),
    ...(await withGateway(0, async ({ pids }) => [
      await watch("relay idle", pids.relay, () => pause(watchMs)),
    ])),
    ...(await withGateway(LIVE_RECORDS, async (product) => [
      await watch("relay, 50 records at 10 Hz", product.pids.relay, () => pause(watchMs)),
      await underLoad(product, watchMs),
    ])),
  ];
  for (const { of, rss_mb, anon_mb, cpu_percent } of found) {
    tell(`${of}: RSS ${rss_mb} MB, private ${anon_mb} MB, ${cpu_percent} % of a core`);
  }
  return found;
}

async function ofEmptyNode(watchMs: number): Promise<Footprint> {
  const empty = new Child(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  try {
    return await watch("empty Node", empty.pid, () => pause(watchMs));
  } finally {
    await empty.end();
  }
}

async function withGateway<T>(live: number, use: (product: OpenProduct) => Promise<T>): Promise<T> {
  const moving = live / INSTANCES;
  const records = LIVE_RECORDS / INSTANCES + STILL;
  const hosts: OpenHost[] = [];
  try {
    while (hosts.length < INSTANCES) hosts.push(await openHost({ records, moving, hz: HZ }));
    const product = await openProduct(hosts.map(({ socketPath }) => socketPath));
    try {
      return await use(product);
    } finally {
      await product.close();
    }
  } finally {
    for (const host of hosts) await host.close();
  }
}

async function underLoad(
  { mcpUrl: url, token, instances, pids }: OpenProduct,
  watchMs: number,
): Promise<Footprint> {
  const lanes = Array.from({ length: CONCURRENCY }, () => new Lane());
  let rps = 0;
  const ask = async (n: number): Promise<void> => {
    const instance = instances[n % instances.length];
    await callTool(
      lanes[n] ?? new Lane(),
      { url, token, era: "2026-07-28", instance },
      "get_record",
    );
  };
  const footprint = await watch("relay, 50 records at 10 Hz, under load", pids.relay, async () => {
    const cell = await measure(ask, { concurrency: CONCURRENCY, windowMs: watchMs });
    if (cell.errors > 0) throw new Error(`${cell.errors} calls failed: ${cell.first_error}`);
    rps = cell.rps;
  });
  for (const lane of lanes) lane.close();
  return { ...footprint, rps };
}

/** At the end of what it is watched in. */
async function watch(of: string, pid: number, during: () => Promise<void>): Promise<Footprint> {
  await pause(SETTLE_MS);
  const before = usageOf(pid).cpuMs;
  const startMs = performance.now();
  await during();
  const elapsedMs = performance.now() - startMs;
  const { cpuMs, rssMb, anonMb } = usageOf(pid);
  return {
    of,
    rss_mb: round(rssMb),
    anon_mb: round(anonMb),
    cpu_percent: round(((cpuMs - before) / elapsedMs) * 100),
  };
}

/** For what a start leaves behind. */
const SETTLE_MS = 5_000;
