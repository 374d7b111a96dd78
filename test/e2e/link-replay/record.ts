/**
 * `npm run record-link`: what this relay and this worker say to each other, into test/fixtures/link-sessions. Once for each
 * release: what was recorded of one that is out there is never recorded again.
 */
import { readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocket, WebSocketServer } from "ws";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import { splitMessage } from "#shared/link/message.ts";
import { LINK_SUBPROTOCOL, LINK_VERSION } from "#shared/link/version.ts";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { redirectLink } from "../../support/link/redirect-link.ts";
import { TestBed, untilStatus } from "../../support/processes/test-bed.ts";
import { CALLS } from "./calls.ts";
import { formatSession, type Frame, type Step } from "./link-session.ts";

const HEARTBEATS: ReadonlySet<string> = new Set([HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE]);

/** Stands between a relay and its worker, and hears both. */
async function listenBetween(worker: URL, note: (step: Step) => void): Promise<WebSocketServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (relay, { headers }) => {
    const url = new URL("/relay", worker);
    url.protocol = "ws:";
    const { authorization = "" } = headers;
    const onward = new WebSocket(url, LINK_SUBPROTOCOL, { headers: { authorization } });
    const held: string[] = [];
    onward.on("open", () => held.splice(0).forEach((text) => onward.send(text)));
    relay.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      for (const frame of framesOf(text)) note({ relay: frame });
      if (onward.readyState === WebSocket.OPEN) onward.send(text);
      else held.push(text);
    });
    onward.on("message", (data: Buffer) => {
      const text = data.toString("utf8");
      for (const frame of framesOf(text)) note({ worker: frame });
      relay.send(text);
    });
    onward.on("close", () => relay.close());
    relay.on("close", () => onward.close());
  });
  await new Promise((resolve) => void server.on("listening", resolve));
  return server;
}

function framesOf(text: string): Frame[] {
  if (HEARTBEATS.has(text)) return [];
  const split = splitMessage(text);
  return split.ok ? split.value.map((frame) => JSON.parse(frame) as Frame) : [];
}

const steps: Step[] = [];
// The harness would ask for what is outside this machine.
process.env["CLOUDFLARE_CF_FETCH_ENABLED"] = "false";
const bed = await TestBed.open();
await bed.host("plant");
const relay = await bed.relay("gw", ["plant"], { starts: false });
const between = await listenBetween(bed.worker.url, (step) => steps.push(step));
const { port } = between.address() as AddressInfo;
await redirectLink(join(bed.folder, "relay-gw", "state", "identity.json"), port);
relay.start();
const client = await bed.client();
await untilStatus(client, "gw/plant", "up");
for (const call of CALLS) {
  steps.push({ call });
  steps.push({ answer: await client.call(call.name, call.arguments) });
}
const { version } = JSON.parse(await readFile(projectPath("package.json"), "utf8"));
const path = projectPath(`test/fixtures/link-sessions/v${LINK_VERSION}-relay-${version}.jsonl`);
await writeFile(path, formatSession(steps));
await bed.close();
between.close();
process.stdout.write(`${path}: ${steps.length} steps\n`);
