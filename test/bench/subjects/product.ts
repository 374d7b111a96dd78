/** The whole product, as `npm run demo` starts it: workerd, the built relay, one host. */
import { NpmProcess } from "../../support/processes/npm-process.ts";
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

export interface OpenProduct {
  readonly mcpUrl: URL;
  readonly token: string;
  /** In the order of their sockets. */
  readonly instances: readonly string[];
  readonly pids: { readonly worker: number; readonly relay: number };
  readonly close: () => Promise<void>;
}

/** `options` are the demo's. */
export async function openProduct(
  socketPaths: readonly string[],
  options: readonly string[] = [],
): Promise<OpenProduct> {
  const sockets = socketPaths.flatMap((path) => ["--socket", path]);
  const args = ["--port", "0", "--json", "--rate-limit", "0", ...options, ...sockets];
  const demo = new NpmProcess("demo", args);
  const { mcpUrl, accessToken, instances, pids } = await demo.firstLine<DemoLine>();
  if (instances.length !== socketPaths.length) {
    throw new Error(
      `${instances.length} of ${socketPaths.length} instances are up. ${demo.errors}`,
    );
  }
  return {
    mcpUrl: new URL(mcpUrl),
    token: accessToken,
    instances: instances.map(({ instance }) => instance),
    pids: { worker: pids.worker, relay: pids.relay },
    close: async () => void (await demo.end("npm")),
  };
}

async function startProduct(era: McpTarget["era"], socketPath: string): Promise<RunningSubject> {
  const { mcpUrl: url, token, instances, pids, close } = await openProduct([socketPath]);
  const target: McpTarget = { url, token, era, instance: instances[0] };
  const lanes = new Map<number, Lane>();
  return {
    pids,
    call: (operation) => async (n) => {
      const lane = lanes.get(n) ?? new Lane();
      lanes.set(n, lane);
      await callTool(lane, target, operation);
    },
    stop: async () => {
      for (const lane of lanes.values()) lane.close();
      await close();
    },
  };
}
