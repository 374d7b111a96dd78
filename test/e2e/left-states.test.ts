/** What each recorded release left behind, in the hands of this one: people, their clients, relays and writes. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { sendAdmin } from "../support/clients/admin-api.ts";
import { freePort } from "../support/processes/free-port.ts";
import { connectClient } from "../support/clients/mcp.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import { MemoryProvider, reconnectByOAuth } from "../support/clients/oauth-client.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { untilStatus } from "../support/processes/test-bed.ts";
import { WebBrowser } from "../support/browser/web-browser.ts";
import { restoreLeftState, type Kept } from "./state-replay/left-state.ts";

const FOLDER = projectPath("test/fixtures/states");
const PLANT = { instance: "gw/plant", record_name: "app.settings" };

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

interface Reopened {
  readonly folder: string;
  readonly url: URL;
  readonly kept: Kept;
  readonly host: Simulator;
  readonly relay: RelayProcess;
}

/** Worker and relay of this release, in the folders of the recorded one. */
async function reopen(name: string): Promise<Reopened> {
  const folder = await mkdtemp(join(tmpdir(), "aimdb-left-"));
  ending.push(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const text = await readFile(join(FOLDER, name), "utf8");
  const kept = restoreLeftState(text, { folder, port }, Date.now());
  const socketPath = join(folder, "plant.sock");
  const host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 0 });
  ending.push(() => host.close());
  const options = { port: String(port), "token-port": "0", state: join(folder, "worker") };
  const given = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  const server = new NpmProcess("start", [...given, "--json"]);
  ending.push(() => server.end("npm"));
  const { mcpUrl } = await server.firstLine<{ mcpUrl: string }>();
  const relay = RelayProcess.of({ folder: join(folder, "relay"), name: "gw", config: {} });
  relay.start();
  ending.push(() => relay.stop());
  return { folder, url: new URL(mcpUrl), kept, host, relay };
}

/** A client with what the recorded one had kept. */
function providerOf({ clientInformation, tokens }: Kept): MemoryProvider {
  const provider = new MemoryProvider();
  provider.saveClientInformation(
    clientInformation as Parameters<MemoryProvider["saveClientInformation"]>[0],
  );
  provider.saveTokens(tokens as Parameters<MemoryProvider["saveTokens"]>[0]);
  return provider;
}

test.each(readdirSync(FOLDER))(
  "%s: a person stays signed in, and the client they connected stays connected",
  async (name) => {
    const { url, kept } = await reopen(name);
    const browser = new WebBrowser();
    for (const [cookie, value] of kept.cookies) browser.cookies(url.origin).set(cookie, value);

    const { status, text } = await browser.get(new URL("/api/v1/members", url));
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { members: [{ email: "ada@example.com", role: "owner" }] },
    ]);

    const provider = providerOf(kept);
    const before = provider.saved;
    const { client } = await reconnectByOAuth(url, provider);
    ending.push(() => client.close());
    const tool = { name: "discover_instances", arguments: {} };
    expect((await client.callTool(tool)).isError).not.toBe(true);
    expect(provider.saved).toEqual(before);

    if (before === undefined) throw new Error("The recorded client has no tokens");
    provider.saveTokens({ ...before, access_token: "ended" });
    expect((await client.callTool(tool)).isError).not.toBe(true);
    expect(provider.saved?.access_token).not.toBe("ended");
    expect(provider.asked).toBeUndefined();
  },
);

test.each(readdirSync(FOLDER))(
  "%s: a relay keeps who it is, what its instances are called, and how writes ended",
  async (name) => {
    const { folder, url, kept, relay } = await reopen(name);
    const state = join(folder, "relay", "state");
    const text = (file: string) => readFile(join(state, file), "utf8");
    const [journal, key, names, shown] = await Promise.all(
      ["writes.ndjson", "key.json", "names.json", "continuity.json"].map(text),
    );
    const client = await connectClient(url, kept.accessToken);
    ending.push(() => client.close());
    await untilStatus(client, "gw/plant", "up");

    const outcome = async (call_id: string) =>
      (await client.call("get_write_outcome", { call_id })).json;
    expect(await outcome(kept.calls.applied)).toMatchObject({ outcome: "applied" });
    expect(await outcome(kept.calls.left)).toMatchObject({ outcome: "unknown" });
    const value = { log_level: "debug", max: 9 };
    expect((await client.call("set_record", { ...PLANT, value })).json).toMatchObject({
      outcome: "applied",
    });

    const now = await text("writes.ndjson");
    expect(now.split("\n")[0]).toBe(journal?.split("\n")[0]);
    expect([await text("key.json"), await text("names.json")]).toEqual([key, names]);
    expect(await text("continuity.json")).not.toBe(shown);
    expect((await readdir(state)).filter((file) => file.endsWith(".unused"))).toEqual([]);
    expect(relay.log).not.toMatch(/"level":"(warn|error)"/);
    const relays = await sendAdmin(
      new URL("/api/v1/relays", url),
      "GET",
      undefined,
      kept.adminToken,
    );
    // What 0.1.0 began without is counted from here on.
    expect(await relay.stop()).toBe(0);
    expect(JSON.parse(await text("traffic.json"))).toMatchObject({ months: [{}] });
    expect(await relays.json()).toMatchObject({ relays: [{ name: "gw", clone_suspected: null }] });
  },
);
