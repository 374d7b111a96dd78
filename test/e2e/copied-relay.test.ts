/** A relay's state folder that was copied to another machine, on `npm start`: who notices, and what is done. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { WebBrowser } from "../support/browser/web-browser.ts";

interface StartLine {
  readonly dashboardUrl: string;
  readonly adminToken: string;
  readonly ownerUrl: string;
}

interface ListedRelay {
  readonly status: string;
  readonly connected: boolean;
  readonly clone_suspected: { readonly networks: readonly string[] } | null;
}

let folder: string;
let host: Simulator;
let server: NpmProcess;
let line: StartLine;
let relay: RelayProcess;
let copy: RelayProcess;
const owner = new WebBrowser();

function relayOptions(name: string) {
  const config = { allowed_sockets: [join(folder, "plant.sock")] };
  return { folder: join(folder, name), name: "gw", config };
}

async function api(path: string, method = "GET", body?: unknown): Promise<Response> {
  const response = await fetch(new URL(`/api/v1/${path}`, line.dashboardUrl), {
    method,
    headers: { authorization: `Bearer ${line.adminToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response;
}

async function listed(): Promise<ListedRelay> {
  const { relays } = (await (await api("relays")).json()) as { relays: ListedRelay[] };
  const [first] = relays;
  if (first === undefined) throw new Error("There is no relay");
  return first;
}

/** What its owner's command says; a relay without a link ends the command with 1. */
async function stateOf(process: RelayProcess): Promise<{ link: string; continuity: string }> {
  try {
    const { link, continuity } = JSON.parse(await process.command(["status", "--json"]));
    return { link: link.state, continuity };
  } catch {
    return { link: "none", continuity: "unknown" };
  }
}

/** Its last welcome's value is stored, so that it stands in a copy too. */
async function untilLinked(process: RelayProcess, count: number): Promise<void> {
  const linked = await waitFor(20_000, async () => {
    const ups = process.log.split('"event":"link_up"').length - 1;
    const { link, continuity } = await stateOf(process);
    return ups >= count && link === "live" && continuity === "kept" ? true : undefined;
  });
  if (linked === undefined) throw new Error(`No link: ${process.log}`);
}

/** SIGHUP: dials at once, whatever is left of the wait. */
function dialNow({ pid }: RelayProcess): void {
  if (pid === undefined) throw new Error("It does not run");
  globalThis.process.kill(pid, "SIGHUP");
}

/** The other one has to know that it was replaced, else it takes the signal for a question. */
async function takeOver(from: RelayProcess, by: RelayProcess): Promise<void> {
  const isLost = await waitFor(10_000, async () =>
    (await stateOf(by)).link === "live" ? undefined : true,
  );
  if (isLost === undefined) throw new Error(`Still live beside ${from.name}`);
  dialNow(by);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-copied-"));
  const socketPath = join(folder, "plant.sock");
  host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
  server = new NpmProcess("start", ["--port", "0", "--state", join(folder, "worker"), "--json"]);
  line = await server.firstLine<StartLine>();
  await owner.post(line.ownerUrl, {
    name: "Ada",
    email: "a@example.com",
    password: "correct horse battery",
  });
  const { token: joinToken } = (await (await api("join-tokens", "POST", {})).json()) as {
    token: string;
  };
  relay = await RelayProcess.enroll(relayOptions("relay"), {
    url: new URL(line.dashboardUrl),
    joinToken,
  });
  relay.start();
  await untilLinked(relay, 1);
  await cp(join(folder, "relay"), join(folder, "copy"), {
    recursive: true,
    filter: (path) => !path.endsWith(".sock"),
  });
  copy = RelayProcess.of(relayOptions("copy"));
});

afterAll(async () => {
  await copy?.stop();
  await relay?.stop();
  await server?.end("npm").catch(() => {});
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

test("the second one to come back is noticed, on the dashboard and in the API [D-18] [D-20]", async () => {
  copy.start();
  await untilLinked(copy, 1);
  await takeOver(copy, relay);
  await untilLinked(relay, 2);
  expect((await listed()).clone_suspected).toBeNull();

  await takeOver(relay, copy);
  await untilLinked(copy, 2);

  expect(await listed()).toMatchObject({
    status: "active",
    connected: true,
    clone_suspected: { networks: ["127.0.0.0/24"] },
  });
  const overview = await owner.get(line.dashboardUrl);
  expect(overview.text).toContain("A second device seems to dial with this relay");
  const team = await owner.get(new URL("/team", line.dashboardUrl));
  expect(team.text).toContain("from 127.0.0.0/24");
});

test("an owner dismisses it by a button", async () => {
  const team = await owner.get(new URL("/team", line.dashboardUrl));
  const csrf = /name="csrf" value="([^"]+)"/.exec(team.text)?.[1] ?? "";

  const fields = { csrf, action: "dismiss_clone", target: "gw" };
  const done = await owner.post(new URL("/team", line.dashboardUrl), fields);

  expect([done.status, done.url.pathname]).toEqual([200, "/team"]);
  expect(done.text).toContain("No relay was seen twice.");
  expect((await listed()).clone_suspected).toBeNull();
});

test("where the team wants it suspended, both lose their link [D-18]", async () => {
  await api("relay-policy", "PUT", { on_clone: "suspend" });

  await takeOver(copy, relay);

  const cut = await waitFor(20_000, async () => {
    const links = [(await stateOf(relay)).link, (await stateOf(copy)).link];
    const { status } = await listed();
    return status === "suspended" && !links.includes("live") ? true : undefined;
  });
  expect(cut).toBe(true);
  expect(await listed()).toMatchObject({ connected: false, clone_suspected: expect.anything() });
  expect(copy.log).toContain("The team has suspended this relay.");
  expect(relay.log).toContain("the worker answered 423");
});

test("no log and no answer held a continuity value", async () => {
  const values = await Promise.all(
    ["relay", "copy"].map(async (name) => {
      const text = await readFile(join(folder, name, "state", "continuity.json"), "utf8");
      return (JSON.parse(text) as { value: string }).value;
    }),
  );
  for (const value of values) {
    expect(value).toMatch(/^[\w-]{43}$/);
    expect(relay.log + copy.log + server.output + server.errors).not.toContain(value);
  }
});
