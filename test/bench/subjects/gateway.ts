/** What is used instead: a gateway that puts a stdio server behind HTTP, or a server behind a tunnel. */
import { Lane } from "../lane.ts";
import { callTool, parseAnswer, type McpTarget } from "../mcp-call.ts";
import {
  OPERATIONS,
  type Call,
  type Operation,
  type RunningSubject,
  type Subject,
} from "../subject.ts";

const ERA = "2025-06-18";

export interface Gateway {
  readonly name: string;
  /** One session for all, where a session of its own would start a process for each. */
  readonly sharesSession: boolean;
  /** Settles when `url` answers. */
  readonly open: () => Promise<OpenGateway>;
}

export interface OpenGateway {
  readonly url: URL;
  readonly pids: Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
}

export function gatewaySubject({ name, sharesSession, open }: Gateway): Subject {
  return {
    name,
    era: ERA,
    operations: OPERATIONS,
    start: async () => run(await open(), sharesSession),
  };
}

function run({ url, pids, close }: OpenGateway, sharesSession: boolean): RunningSubject {
  const lanes = new Map<number, Lane>();
  const sessions = new Map<number, Promise<string | undefined>>();
  const laneOf = (n: number) => {
    const lane = lanes.get(n) ?? new Lane();
    lanes.set(n, lane);
    return lane;
  };
  const sessionOf = (n: number) => {
    const key = sharesSession ? 0 : n;
    const session = sessions.get(key) ?? openSession(laneOf(n), url);
    sessions.set(key, session);
    return session;
  };
  const call =
    (operation: Operation): Call =>
    async (n) => {
      const target: McpTarget = { url, era: ERA, sessionId: await sessionOf(n) };
      await callTool(laneOf(n), target, operation);
    };
  return {
    pids,
    call,
    stop: async () => {
      for (const lane of lanes.values()) lane.close();
      await close();
    },
  };
}

async function openSession(lane: Lane, url: URL): Promise<string | undefined> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  const clientInfo = { name: "bench", version: "1" };
  const params = { protocolVersion: ERA, capabilities: {}, clientInfo };
  const hello = { jsonrpc: "2.0", id: "hello", method: "initialize", params };
  const answer = await lane.post(url, headers, JSON.stringify(hello));
  if (parseAnswer(answer.text).result === undefined) {
    throw new Error(`No session: HTTP ${answer.status} ${answer.text.slice(0, 200)}`);
  }
  const sessionId = answer.headers["mcp-session-id"];
  const id = typeof sessionId === "string" ? sessionId : undefined;
  const withSession = id === undefined ? headers : { ...headers, "mcp-session-id": id };
  const ready = { jsonrpc: "2.0", method: "notifications/initialized" };
  await lane.post(url, { ...withSession, "mcp-protocol-version": ERA }, JSON.stringify(ready));
  return id;
}
