/** What a relay costs its gateway: idle, with 50 records that move, beside an empty Node. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../worker/selfhost/project.ts";
import { Child } from "./child.ts";
import { round } from "./measure.ts";
import { usageOf } from "./process-usage.ts";
import { product } from "./subjects/product.ts";
import { measure } from "./measure.ts";

const SETTLE_MS = 5_000;
const WATCH_MS = 20_000;
const LOAD_MS = 8_000;

export interface Footprint {
  readonly rss_mb: number;
  readonly anon_mb: number;
  /** Of one core. */
  readonly cpu_percent: number;
}

export async function measureFootprint(
  tell: (text: string) => void,
): Promise<Record<string, Footprint>> {
  const empty = new Child(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const result: Record<string, Footprint> = { empty_node: await watch(empty.pid) };
  await empty.end();
  for (const moving of [0, 42]) {
    const folder = await mkdtemp(join(tmpdir(), "aimdb-bench-foot-"));
    const socketPath = join(folder, "bench.sock");
    const host = new Child(process.execPath, [
      projectPath("test/bench/host.ts"),
      socketPath,
      String(moving),
    ]);
    await host.firstLine();
    const running = await product("2026-07-28", socketPath).start();
    const relay = running.pids["relay"] ?? 0;
    result[moving === 0 ? "relay_idle" : "relay_50_records_10_hz"] = await watch(relay);
    if (moving > 0) {
      const load = measure(running.call("get_record"), { concurrency: 64, windowMs: LOAD_MS });
      await load;
      result["relay_after_load"] = toFootprint(relay, 0, 1);
    }
    await running.stop();
    await host.end();
    await rm(folder, { recursive: true, force: true });
  }
  for (const [name, { rss_mb, anon_mb, cpu_percent }] of Object.entries(result)) {
    tell(`${name}: RSS ${rss_mb} MB, private ${anon_mb} MB, ${cpu_percent} % of a core`);
  }
  return result;
}

async function watch(pid: number): Promise<Footprint> {
  await pause(SETTLE_MS);
  const before = usageOf(pid).cpuMs;
  await pause(WATCH_MS);
  return toFootprint(pid, usageOf(pid).cpuMs - before, WATCH_MS);
}

function toFootprint(pid: number, cpuMs: number, overMs: number): Footprint {
  const { rssMb, anonMb } = usageOf(pid);
  return {
    rss_mb: round(rssMb),
    anon_mb: round(anonMb),
    cpu_percent: round((cpuMs / overMs) * 100),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
