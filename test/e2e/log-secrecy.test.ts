/** What worker and relay print while everything is used, and used wrongly, holds none of the secrets that went by. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { connectClient } from "../support/clients/mcp.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import { connectByOAuth } from "../support/clients/oauth-client.ts";
import { invitePerson } from "../support/browser/people.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { postAdmin, sendAdmin, UNCONFIRMED_WRITES } from "../support/clients/admin-api.ts";
import { untilStatus } from "../support/processes/test-bed.ts";

interface StartLine {
  readonly mcpUrl: string;
  readonly adminToken: string;
  readonly ownerUrl: string;
}

const METRICS_TOKEN = "metrics-token-of-the-secrecy-test-0123456789";
const COLLECTOR_TOKEN = "collector-token-of-the-secrecy-test";
const VALUE = "a-value-nobody-should-log";

let folder: string;
let host: Simulator;
let server: NpmProcess;
let line: StartLine;
let relay: RelayProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-secrecy-"));
  const socketPath = join(folder, "plant.sock");
  host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
  server = new NpmProcess("start", ["--port", "0", "--state", join(folder, "state"), "--json"], {
    METRICS_TOKEN,
    // Nobody is there: what can't be sent is told in the log.
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${COLLECTOR_TOKEN}`,
  });
  line = await server.firstLine<StartLine>();
});

afterAll(async () => {
  await relay?.stop();
  await server?.end("npm").catch(() => {});
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (path: string) => new URL(path, line.mcpUrl);

async function created(path: string, body: unknown): Promise<string> {
  const response = await postAdmin(at(path), body, line.adminToken);
  return ((await response.json()) as { token: string }).token;
}

async function bearerTo(path: string, token: string, init: RequestInit = {}): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return (await fetch(at(path), { ...init, headers })).status;
}

test("no secret and no value is printed", async () => {
  const joinToken = await created("/api/v1/join-tokens", {});
  const accessToken = await created("/api/v1/access-tokens", {
    scopes: ["aimdb:read", "aimdb:write"],
  });
  await sendAdmin(at("/api/v1/write-policy"), "PUT", UNCONFIRMED_WRITES, line.adminToken);
  const config = {
    allowed_sockets: [join(folder, "plant.sock")],
    writable_records: ["*"],
    confirm_writes: false,
  };
  relay = await RelayProcess.enroll(
    { folder: join(folder, "relay"), name: "gw", config },
    { url: at("/"), joinToken },
  );
  relay.start();
  const client = await connectClient(new URL(line.mcpUrl), accessToken);
  await untilStatus(client, "gw/plant", "up");
  const value = { log_level: VALUE, max: 1 };
  await client.call("set_record", { record_name: "app.settings", value });
  await client.call("get_record", { record_name: "app.settings" });
  await client.close();
  const browser = await invitePerson(at("/"), line.adminToken);
  const oauth = await connectByOAuth(new URL(line.mcpUrl), browser);
  await oauth.client.listTools();
  await oauth.client.close();
  const saved = oauth.provider.saved;

  // And wrongly: each in a place where it is not good, and cut short.
  for (const token of [line.adminToken, METRICS_TOKEN, joinToken, `${accessToken}x`]) {
    await bearerTo("/mcp", token, { method: "POST", body: `{"jsonrpc":"2.0","id":1` });
    await bearerTo("/api/v1/members", token);
    await bearerTo("/relay/enroll", token, { method: "POST", body: `{"name":"x"}` });
    await bearerTo("/relay", token);
  }
  await bearerTo("/metrics", METRICS_TOKEN);
  await bearerTo("/ready", METRICS_TOKEN);
  await fetch(at("/oauth/token"), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: saved?.refresh_token ?? "",
      client_id: "nobody",
    }),
  });
  await waitFor(10_000, async () => server.errors.includes("spans_lost") || undefined);
  await relay.stop();
  await server.end("npm");

  const key = JSON.parse(await readFile(join(folder, "relay", "state", "key.json"), "utf8"));
  const session = browser.cookies(at("/").origin).get("session")?.split(".")[1];
  const secrets = {
    admin: line.adminToken,
    metrics: METRICS_TOKEN,
    collector: COLLECTOR_TOKEN,
    join: joinToken,
    access: accessToken,
    refresh: saved?.refresh_token,
    oauth: saved?.access_token,
    session,
    owner: line.ownerUrl.slice(-43),
    password: "correct horse battery",
    key: key.d,
    value: VALUE,
  };
  const printed = { worker: server.errors, relay: relay.log };
  expect(printed.worker).toContain("spans_lost");
  expect(printed.relay).toContain("link_up");
  const found = Object.entries(secrets).map(([name, secret = ""]) => ({
    name,
    isOne: secret.length > 15,
    isPrinted: `${printed.worker}${printed.relay}`.includes(secret),
  }));
  expect(found.filter(({ isOne, isPrinted }) => !isOne || isPrinted)).toEqual([]);
});
