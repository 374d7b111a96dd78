/** One question to 1, 10 and 50 relays, and a worker with up to 1 000 of them. */
import { usageOf } from "./process-usage.ts";
import { Lane } from "./lane.ts";
import { callTool } from "./mcp-call.ts";
import { measure, type Cell } from "./measure.ts";
import { RelayCrowd } from "./relay-crowd.ts";

const SIZES = [1, 10, 50];
const CROWD = 1_000;
const WINDOW_MS = 4_000;

export interface FanOut {
  readonly cells: Record<string, unknown>;
  readonly ratios: Record<string, number>;
}

export async function measureFanOut(tell: (text: string) => void): Promise<FanOut> {
  const crowd = await RelayCrowd.open();
  const lane = new Lane();
  const cells = new Map<number, Cell>();
  try {
    for (const size of SIZES) {
      await crowd.growTo(size);
      const cell = await measure(() => ask(lane, crowd), { concurrency: 1, windowMs: WINDOW_MS });
      cells.set(size, cell);
      tell(`get_record over ${size} relays: p50 ${cell.p50_ms} ms`);
    }
    await crowd.growTo(CROWD);
    const { rssMb } = usageOf(crowd.workerPid);
    tell(`${CROWD} relays: worker ${Math.round(rssMb)} MB`);
    const base = cells.get(1)?.p50_ms ?? Number.NaN;
    return {
      cells: { ...Object.fromEntries(cells), relays_1000: { worker_rss_mb: Math.round(rssMb) } },
      ratios: {
        fanout_50_p50_vs_1:
          Math.round(((cells.get(50)?.p50_ms ?? Number.NaN) / base) * 1000) / 1000,
      },
    };
  } finally {
    lane.close();
    await crowd.close();
  }
}

/** Without an instance: every relay that has the record answers. */
async function ask(lane: Lane, { url, token, size }: RelayCrowd): Promise<void> {
  const target = { url, token, era: "2026-07-28" } as const;
  const { structuredContent } = await callTool(lane, target, "get_record");
  const answered = structuredContent as { results?: unknown[]; instance?: string };
  const count = answered.results?.length ?? Number(answered.instance !== undefined);
  if (count !== size) throw new Error(`${count} of ${size} answered`);
}
