/** The whole product, as `npm run demo` starts it: workerd, the built relay, one host. */
import { NpmProcess } from "../../support/npm-process.ts";
import { Lane } from "../lane.ts";
import { callTool, type McpTarget } from "../mcp-call.ts";
import { OPERATIONS, type RunningSubject, type Subject } from "../subject.ts";

interface DemoLine {
  readonly mcpUrl: string;
  readonly accessToken: string;
  readonly instances: { instance: string }[];
  readonly pids: { worker: number; relay: number };
}

export function product(era: McpTarget["era"], socketPath: string): Subject {
  return {
    name: era === "2026-07-28" ? "aimdb-remote" : "aimdb-remote-2025",
    era,
    operations: OPERATIONS,
    start: () => startProduct(era, socketPath),
  };
}

async function startProduct(era: McpTarget["era"], socketPath: string): Promise<RunningSubject> {
  const args = ["--port", "0", "--json", "--rate-limit", "0", "--socket", socketPath];
  const demo = new NpmProcess("demo", args);
  const line = await demo.firstLine<DemoLine>();
  const [first] = line.instances;
  if (first === undefined) throw new Error(`No instance is up. ${demo.errors}`);
  const { accessToken: token, pids } = line;
  const target: McpTarget = { url: new URL(line.mcpUrl), token, era, instance: first.instance };
  const lanes = new Map<number, Lane>();
  return {
    pids: { worker: pids.worker, relay: pids.relay },
    call: (operation) => async (n) => {
      const lane = lanes.get(n) ?? new Lane();
      lanes.set(n, lane);
      await callTool(lane, target, operation);
    },
    stop: async () => {
      for (const lane of lanes.values()) lane.close();
      await demo.end("npm");
    },
  };
}
