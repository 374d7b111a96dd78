/**
 * `npm run record-state`: what this worker and this relay leave behind, into test/fixtures/states. Once for each release:
 * what was recorded of one that is out there is never recorded again.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { startSimulator, type Simulator } from "../../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../../worker/selfhost/process/wait-for.ts";
import { postAdmin, sendAdmin, UNCONFIRMED_WRITES } from "../../support/clients/admin-api.ts";
import { connectClient } from "../../support/clients/mcp.ts";
import { NpmProcess } from "../../support/processes/npm-process.ts";
import { connectByOAuth } from "../../support/clients/oauth-client.ts";
import { RelayProcess } from "../../support/processes/relay-process.ts";
import { untilStatus } from "../../support/processes/test-bed.ts";
import { WebBrowser } from "../../support/browser/web-browser.ts";
import { readLeftState, type Kept } from "./left-state.ts";

interface StartLine {
  readonly mcpUrl: string;
  readonly adminToken: string;
  readonly ownerUrl: string;
}

const folder = await mkdtemp(join(tmpdir(), "aimdb-state-"));
const socketPath = join(folder, "plant.sock");
const relayFolder = join(folder, "relay");

/** Its first owner, and the client that they connect. */
async function connectPerson({ mcpUrl, ownerUrl }: StartLine) {
  const browser = new WebBrowser();
  const person = { name: "Ada L.", email: "ada@example.com", password: "correct horse battery" };
  await browser.post(ownerUrl, person);
  const { client, provider } = await connectByOAuth(new URL(mcpUrl), browser);
  await client.close();
  return {
    cookies: [...browser.cookies(new URL(mcpUrl).origin)],
    clientInformation: provider.clientInformation(),
    tokens: provider.saved,
  };
}

async function createToken(line: StartLine, kind: string, body: object): Promise<string> {
  const response = await postAdmin(new URL(`/api/v1/${kind}`, line.mcpUrl), body, line.adminToken);
  return ((await response.json()) as { token: string }).token;
}

/** The relay, and an ended write and one of which the relay's power failure keeps the end. */
async function useRelay(
  line: StartLine,
  host: Simulator,
): Promise<Pick<Kept, "accessToken" | "calls">> {
  const { mcpUrl, adminToken } = line;
  const config = { allowed_sockets: [socketPath], writable_records: ["*"], confirm_writes: false };
  const relay = await RelayProcess.enroll(
    { folder: relayFolder, name: "gw", config },
    { url: new URL(mcpUrl), joinToken: await createToken(line, "join-tokens", {}) },
  );
  relay.start();
  try {
    const policy = new URL("/api/v1/write-policy", mcpUrl);
    await sendAdmin(policy, "PUT", UNCONFIRMED_WRITES, adminToken);
    const scopes = ["aimdb:read", "aimdb:write"];
    const accessToken = await createToken(line, "access-tokens", { scopes });
    const client = await connectClient(new URL(mcpUrl), accessToken);
    await untilStatus(client, "gw/plant", "up");
    const write = async (max: number): Promise<string> => {
      const value = { log_level: "debug", max };
      const record = { instance: "gw/plant", record_name: "app.settings" };
      return String((await client.call("set_record", { ...record, value })).json.call_id);
    };
    const applied = await write(7);
    host.setFaults({ replyDelayMs: 1_000 });
    const left = write(8);
    await untilBegun();
    await relay.stop("SIGKILL");
    const calls = { applied, left: await left };
    await client.close();
    return { accessToken, calls };
  } finally {
    await relay.stop("SIGKILL");
  }
}

/** A write that has not ended is the last in the journal. */
async function untilBegun(): Promise<void> {
  const journal = join(relayFolder, "state", "writes.ndjson");
  const begun = await waitFor(20_000, async () => {
    const lines = (await readFile(journal, "utf8")).trimEnd().split("\n");
    return lines.at(-1)?.startsWith('{"t":"intent"') === true ? true : undefined;
  });
  if (begun === undefined) throw new Error("The relay did not begin the write");
}

const host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 0 });
const state = join(folder, "worker");
const server = new NpmProcess("start", ["--port", "0", "--state", state, "--json"]);
let kept: Kept;
let line: StartLine;
try {
  line = await server.firstLine<StartLine>();
  const { adminToken } = line;
  kept = { ...(await connectPerson(line)), ...(await useRelay(line, host)), adminToken };
} finally {
  await server.end("npm");
  await host.close();
}
const { version } = JSON.parse(await readFile(projectPath("package.json"), "utf8"));
const path = projectPath(`test/fixtures/states/${version}.jsonl`);
const text = readLeftState({ folder, port: Number(new URL(line.mcpUrl).port) }, kept, Date.now());
await writeFile(path, text);
await rm(folder, { recursive: true, force: true });
process.stdout.write(`${path}: ${text.length} characters\n`);
