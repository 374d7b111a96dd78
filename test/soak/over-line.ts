/**
 * A line that carries less than there is to say: a ring of 200 samples a second is followed in every way there is, beside reads,
 * lists and writes. What was told is held against what the host says it did.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { openProduct, type OpenProduct } from "../bench/subjects/product.ts";
import type { Told } from "../faults/counting.ts";
import { FaultProxy } from "../faults/fault-proxy.ts";
import { brokenPromises, type AskedRead, type AskedWrite } from "../faults/ledger.ts";
import { Traffic } from "../faults/traffic.ts";
import { buildRealHosts } from "../support/hosts/build-real-hosts.ts";
import { freePort } from "../support/processes/free-port.ts";
import { realHost, type Host } from "../support/hosts/hosts.ts";
import { connectClient } from "../support/clients/mcp.ts";
import { pause } from "../support/pause.ts";
import { commandOf, descendantsOf, parentOf } from "../support/processes/process-tree.ts";
import type { Line } from "./line.ts";
import { isMemoryFlat } from "./memory.ts";

const PERIOD_MS = 5;
/**
 * Until then the line is fair: over a narrow one a call takes seconds, and the worker's databases would take an hour of writes to
 * fill their caches, at some hundred KiB a minute. The relay's samples (8 MiB) fill within four minutes.
 */
const WARM_UP_MS = 8 * 60_000;
/** Then the Worker's memory rises once more, by some three MB beside its objects, for six minutes behind the change: then it is flat. */
const SETTLING_MS = 7 * 60_000;
/** Fewer say nothing behind that. */
export const MIN_NARROW_MINUTES = 22;
/** Of the relay's dial by the line. */
const LINKED_WITHIN_MS = 60_000;

interface Bed {
  readonly proxy: FaultProxy;
  readonly product: OpenProduct;
  readonly relayPid: number;
  readonly host: Host;
  readonly inspectorPort: number;
}

/** False where memory grows, a promise was broken, or nothing was left out: then the line was not narrow. */
export async function soakOverLine(line: Line, totalMs: number): Promise<boolean> {
  const binary = buildRealHosts().find(({ protocol }) => protocol === "3.0")?.binary;
  if (binary === undefined) throw new Error("No host can be built: install Cargo.");
  const folder = await mkdtemp(join(tmpdir(), "aimdb-soak-"));
  const socketPath = join(folder, "plant.sock");
  const startedMs = performance.now();
  const host = await realHost(binary, "3.0").start(socketPath, PERIOD_MS);
  const inspectorPort = await freePort();
  const state = join(folder, "state");
  const options = ["--state", state, "--inspector-port", String(inspectorPort)];
  const product = await openProduct([socketPath], options);
  const proxy = new FaultProxy(product.mcpUrl);
  try {
    await proxy.lead(join(state, "relay", "identity.json"));
    const relayPid = await relayStartedAnew(product.pids.relay);
    await untilLinked(proxy, product);
    const bed = { proxy, product, relayPid, host, inspectorPort };
    return await soak(bed, { line, startedMs, totalMs });
  } finally {
    await proxy.close();
    await product.close();
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The demo starts it again, and it reads where to dial. */
async function relayStartedAnew(pid: number): Promise<number> {
  const demo = parentOf(pid);
  process.kill(pid, "SIGKILL");
  const next = await waitFor(10_000, async () =>
    descendantsOf(demo).find((other) => other !== pid && commandOf(other) === process.execPath),
  );
  if (next === undefined) throw new Error("The demo did not start its relay again.");
  return next;
}

async function untilLinked(proxy: FaultProxy, { mcpUrl, token, instances }: OpenProduct) {
  const client = await connectClient(mcpUrl, token);
  const linked = await waitFor(LINKED_WITHIN_MS, async () => {
    const { json } = await client.call("discover_instances");
    const row = json.instances.find(
      ({ instance }: { instance: string }) => instance === instances[0],
    );
    return proxy.dials > 0 && row?.status === "up" ? true : undefined;
  });
  await client.close();
  if (linked === undefined) throw new Error("The relay does not dial through the proxy.");
}

async function soak(
  { proxy, product, relayPid, host, inspectorPort }: Bed,
  {
    line,
    startedMs,
    totalMs,
  }: { readonly line: Line; readonly startedMs: number; readonly totalMs: number },
): Promise<boolean> {
  const { mcpUrl, token, instances, pids } = product;
  const url = new URL("/", mcpUrl);
  const connect = () => connectClient(mcpUrl, token);
  const traffic = new Traffic({ url, token, instance: instances[0] ?? "", connect });
  traffic.start();
  const beganMs = performance.now();
  const settled = pause(WARM_UP_MS).then(async () => {
    proxy.become(line);
    await pause(SETTLING_MS);
    return { writes: traffic.writes.length, reads: traffic.reads.length };
  });
  const isFlat = await isMemoryFlat({
    pids: { worker: pids.worker, relay: relayPid },
    inspectorPort,
    fromMs: beganMs + WARM_UP_MS + SETTLING_MS,
    endMs: beganMs + totalMs,
    tell: () => `${traffic.writes.length} writes, ${traffic.reads.length} reads`,
  });
  const before = await settled;
  await traffic.flows();
  await traffic.stop();
  const { writes, reads, heard, ended } = traffic;
  const producer = { periodMs: PERIOD_MS, runs: [{ startedMs }] };
  const broken = brokenPromises({ writes, reads, heard, ended, taken: takenBy(host), producer });
  const unanswered = [
    ...tellCalls("writes", writes.slice(before.writes + 1), "applied"),
    ...tellCalls("reads", reads.slice(before.reads + 1), "ok"),
  ];
  const missed = Object.entries(heard).map(([reader, told]) => tellReader(reader, told));
  for (const problem of [...broken, ...unanswered]) process.stdout.write(`BROKEN: ${problem}\n`);
  const isNarrow = missed.some((count) => count > 0);
  if (!isNarrow) process.stdout.write("Nothing was left out: the line is not narrow.\n");
  return isFlat && isNarrow && broken.length === 0 && unanswered.length === 0;
}

/** On a line that is as it was nothing goes wrong, so each is answered as it should be; what was not. */
function tellCalls(
  name: string,
  calls: readonly (AskedWrite | AskedRead)[],
  wanted: string,
): string[] {
  const longestMs = Math.max(...calls.map(({ tookMs }) => tookMs));
  process.stdout.write(`${calls.length} ${name}, the longest took ${Math.round(longestMs)} ms\n`);
  const others = calls.filter(({ outcome }) => outcome !== wanted);
  return others.map((call) => `of ${name}: ${JSON.stringify(call)}`);
}

/** How many it was told of that it did not get. */
function tellReader(reader: string, told: readonly Told[]): number {
  const taken = told.flatMap(({ numbers }) => numbers).length;
  const gaps = told.flatMap((one) => one.gaps);
  const missed = gaps.reduce((sum, gap) => sum + (gap.missed ?? 0), 0);
  const reasons = [...new Set(gaps.map(({ reason }) => reason))].join(", ");
  process.stdout.write(`${reader}: ${taken} samples, ${missed} left out and told (${reasons})\n`);
  return missed;
}

function takenBy(host: Host): number[] {
  return host
    .commandsTaken()
    .flatMap((text) => /^fault (\d+)$/.exec(text)?.[1] ?? [])
    .map(Number);
}
