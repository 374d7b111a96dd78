/** One question to 1, 10 and 50 relays, and a worker with up to 1 000 of them. */
import { pause } from "../support/pause.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { usageOf } from "./process-usage.ts";
import { Lane } from "./lane.ts";
import { LimitCrowd } from "./limit-crowd.ts";
import { callTool, type McpTarget } from "./mcp-call.ts";
import { measure, quantile, round, type Cell } from "./measure.ts";
import { RelayCrowd } from "./relay-crowd.ts";

/** Asked all together. */
const ASKED = [1, 10, 50];
/** There and back, of each relay: of a machine beside the worker, and of a gateway on a good line. */
const LINES_MS = [0, 25];
/** Connected, of which one at a time is asked. */
const CONNECTED = [1, 10, 100, 1_000];
const CONCURRENCY = 16;
/** By default the answers of fifty don't fit. */
const ALL_BYTES = 48_000;
const READY_TIMEOUT_MS = 10_000;
const WARM_UP_MS = 2_000;
/** Ten seconds without a call, and what it had still to tell its team. */
const ASLEEP_AFTER_MS = 15_000;
/** Two heartbeats of each relay. */
const IDLE_MS = 20_000;
/** Of those that slept, one behind the other. */
const MAX_WOKEN = 200;

export interface FanOutCell extends Cell {
  readonly subject: "limit" | "aimdb-remote";
  readonly relays: number;
  readonly line_ms: number;
}

export interface CrowdCell extends Cell {
  readonly relays: number;
  /** Of the first question to a relay whose object slept. */
  readonly woken_p50_ms: number;
  readonly worker_rss_mb: number;
  /** Of one core, while all objects sleep. */
  readonly worker_idle_cpu_percent: number;
}

export interface FanOut {
  readonly fan_out: readonly FanOutCell[];
  readonly relays_per_worker: readonly CrowdCell[];
}

export async function measureFanOut(
  windowMs: number,
  tell: (text: string) => void,
): Promise<FanOut> {
  const crowd = await RelayCrowd.open();
  const bare = await LimitCrowd.open();
  const lanes = Array.from({ length: CONCURRENCY }, () => new Lane());
  const fan_out: FanOutCell[] = [];
  const relays_per_worker: CrowdCell[] = [];
  try {
    for (const relays of new Set([...ASKED, ...CONNECTED].toSorted((a, b) => a - b))) {
      await crowd.growTo(relays);
      for (const lineMs of ASKED.includes(relays) ? LINES_MS : []) {
        fan_out.push(await askTunnels(bare, { relays, lineMs, windowMs, tell }));
        crowd.lineMs = lineMs;
        fan_out.push(await askAll(crowd, lanes, windowMs, tell));
      }
      crowd.lineMs = 0;
      if (CONNECTED.includes(relays)) {
        relays_per_worker.push(await askEach(crowd, lanes, windowMs, tell));
      }
    }
    return { fan_out, relays_per_worker };
  } finally {
    for (const lane of lanes) lane.close();
    await crowd.close();
    await bare.close();
  }
}

interface Asking {
  readonly relays: number;
  readonly lineMs: number;
  readonly windowMs: number;
  readonly tell: (text: string) => void;
}

async function askTunnels(
  bare: LimitCrowd,
  { relays, lineMs, windowMs, tell }: Asking,
): Promise<FanOutCell> {
  await bare.growTo(relays);
  bare.lineMs = lineMs;
  const ask = () => bare.askAll();
  await measure(ask, { concurrency: 1, windowMs: WARM_UP_MS });
  const cell = await measure(ask, { concurrency: 1, windowMs });
  tell(`limit over ${relays} relays ${lineMs} ms away: p50 ${cell.p50_ms} ms`);
  return { subject: "limit", relays, line_ms: lineMs, ...cell };
}

async function askAll(
  crowd: RelayCrowd,
  [lane = new Lane()]: readonly Lane[],
  windowMs: number,
  tell: (text: string) => void,
): Promise<FanOutCell> {
  const { size, lineMs } = crowd;
  const ask = async () => {
    const { structuredContent } = await callTool(
      lane,
      { ...targetOf(crowd), maxBytes: ALL_BYTES },
      "get_record",
    );
    const count = countAnswers(structuredContent);
    if (count !== size) throw new Error(`${count} of ${size} answered`);
  };
  // The last inventories are still on their way.
  const isReady = () =>
    ask().then(
      () => true,
      () => undefined,
    );
  if ((await waitFor(READY_TIMEOUT_MS, isReady)) === undefined) await ask();
  await measure(ask, { concurrency: 1, windowMs: WARM_UP_MS });
  const cell = await measure(ask, { concurrency: 1, windowMs });
  tell(`get_record over ${size} relays ${lineMs} ms away: p50 ${cell.p50_ms} ms`);
  return { subject: "aimdb-remote", relays: size, line_ms: lineMs, ...cell };
}

async function askEach(
  crowd: RelayCrowd,
  lanes: readonly Lane[],
  windowMs: number,
  tell: (text: string) => void,
): Promise<CrowdCell> {
  const { size, workerPid } = crowd;
  let asked = 0;
  const askNext = async (n: number) => {
    asked += 1;
    const lane = lanes[n];
    if (lane === undefined) throw new Error(`No lane ${n}`);
    const target = { ...targetOf(crowd), instance: crowd.instance(asked % size) };
    await callTool(lane, target, "get_record");
  };
  // The first question to a relay also asks its team who may; that is measured below, of the woken ones.
  for (let i = 0; i < size; i += 1) await askNext(0);
  const cell = await measure(askNext, { concurrency: CONCURRENCY, windowMs });
  await pause(ASLEEP_AFTER_MS);
  const before = usageOf(workerPid).cpuMs;
  await pause(IDLE_MS);
  const { cpuMs, rssMb } = usageOf(workerPid);
  const woken = await timesOf(Math.min(size, MAX_WOKEN), () => askNext(0));
  tell(`${size} relays on a worker: ${cell.rps}/s, ${Math.round(rssMb)} MB`);
  return {
    relays: size,
    ...cell,
    woken_p50_ms: round(quantile(woken, 0.5)),
    worker_rss_mb: round(rssMb),
    worker_idle_cpu_percent: round(((cpuMs - before) / IDLE_MS) * 100),
  };
}

async function timesOf(count: number, call: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const beforeMs = performance.now();
    await call();
    times.push(performance.now() - beforeMs);
  }
  return times.toSorted((a, b) => a - b);
}

function targetOf({ url, token }: RelayCrowd): McpTarget {
  return { url, token, era: "2026-07-28" };
}

/** Without an instance every relay that has the record answers; where it is one, by itself. */
function countAnswers(structured: unknown): number {
  const answered = Object(structured);
  return Array.isArray(answered.results)
    ? answered.results.length
    : Number(answered.instance !== undefined);
}
