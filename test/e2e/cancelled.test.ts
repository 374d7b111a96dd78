/** Clients that go away while their calls wait, at `npm start`: whose places are free at once. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { Installation } from "../support/processes/installation.ts";

let at: Installation;

beforeAll(async () => {
  at = await Installation.open();
});

afterAll(() => at?.close());

/** Nobody writes it, so that who waits for it waits long. */
const RECORD = { instance: "gw-1/plant", record_name: "app.settings" };

async function begin(meta?: object): Promise<Socket> {
  const { hostname, port, host: name } = at.mcpUrl;
  const params = { name: "subscribe_record", arguments: RECORD, _meta: meta };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.resume();
  socket.write(
    [
      "POST /mcp HTTP/1.1",
      `host: ${name}`,
      `authorization: Bearer ${at.accessToken}`,
      "content-type: application/json",
      "accept: application/json, text/event-stream",
      "mcp-protocol-version: 2025-11-25",
      `content-length: ${body.length}`,
      "",
      body,
    ].join("\r\n"),
  );
  return socket;
}

/** Whether as many subscriptions are held as there may be. */
async function areHeld(by: number): Promise<true | undefined> {
  const log = await at.deviceLog();
  const opened = log.split("\n").filter((entry) => entry.includes('"samples.read"'));
  return opened.length >= by ? true : undefined;
}

async function outcomes(): Promise<string[]> {
  const text = await at.admin("activity", "--json", "--action", "tool.subscribe_record");
  const { activity } = JSON.parse(text) as { activity: { outcome: string }[] };
  return activity.map(({ outcome }) => outcome);
}

test("five who wait and go leave their places to five others", async () => {
  const sockets = await Promise.all([1, 2, 3, 4, 5].map(() => begin()));
  expect(await waitFor(10_000, () => areHeld(5))).toBe(true);
  const sixth = await at.client.call("subscribe_record", RECORD);
  for (const socket of sockets) socket.resetAndDestroy();
  const again = { ...RECORD, duration_seconds: 1 };
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map(() => at.client.call("subscribe_record", again)),
  );

  expect(sixth.json.error).toMatchObject({ code: "too_many_subscriptions" });
  expect(answers.map(({ json }) => json)).toMatchObject(answers.map(() => ({ complete: true })));
  const gone = async () => (await outcomes()).filter((outcome) => outcome === "cancelled");
  await expect.poll(gone, { timeout: 10_000 }).toHaveLength(5);
  expect(await at.deviceLog()).toContain('"outcome":"cancelled"');
});

test("a client that just closes its connection leaves its place within some seconds", async () => {
  const socket = await begin();
  socket.destroy();
  const gone = async () => (await outcomes()).filter((outcome) => outcome === "cancelled");

  await expect.poll(gone, { timeout: 15_000 }).toHaveLength(6);
});
