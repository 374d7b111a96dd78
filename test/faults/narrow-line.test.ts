/**
 * A relay behind 64 kbit/s that has more to say than goes through: two thousand records to announce, and fifty that
 * move ten times a second. What is asked for is answered, and what is left out is said.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { monotonicMs } from "../bench/monotonic.ts";
import { sendAdmin } from "../support/clients/admin-api.ts";
import { EventSource, type ServerEvent } from "../support/clients/event-source.ts";
import { connectClient, type ConnectedClient } from "../support/clients/mcp.ts";
import { NpmProcess, WITHOUT_CALL_LIMITS } from "../support/processes/npm-process.ts";
import { pause } from "../support/pause.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { FaultProxy } from "./fault-proxy.ts";

const LINE: { readonly type: "slow"; readonly bytesPerS: number } = {
  type: "slow",
  bytesPerS: 8_000,
};
const MOVING = Array.from({ length: 50 }, (_, n) => `hall.3.line.2.cell.17.moving.${n}`);
const STILL = Array.from({ length: 1_900 }, (_, n) => `hall.3.line.2.cell.17.sensor.value.${n}`);
const INSTANCE = "gw/plant";
const WATCHED_MS = 18_000;
/** Between two looks at what a person would see. */
const LOOK_MS = 3_000;
/** Of the newest sample that came: an answer takes a second and a half of the line. */
const MAX_LAG_MS = 6_000;

let folder: string;
let host: Simulator;
let server: NpmProcess;
let proxy: FaultProxy;
let relay: RelayProcess;
let client: ConnectedClient;
let url: URL;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-narrow-"));
  const socketPath = join(folder, "plant.sock");
  const shape = { struct: { at_us: "u64" } } as const;
  const about = { typeName: "plant::Reading", shape, buffer: { kind: "single_latest" } } as const;
  const sample = () => ({ at_us: Math.round(monotonicMs() * 1_000) });
  host = await startSimulator({
    socketPath,
    aimx: "3.0",
    periodMs: 100,
    records: [
      ...MOVING.map((key) => ({ key, ...about, origin: { kind: "source" as const, sample } })),
      ...STILL.map((key) => ({ key, ...about, initial: { at_us: 0 } })),
    ],
    config: { maxSubscriptions: 100 },
  });
  const args = ["--port", "0", "--json", "--state", join(folder, "state"), ...WITHOUT_CALL_LIMITS];
  server = new NpmProcess("start", args);
  const line = await server.firstLine<{ mcpUrl: string; adminToken: string }>();
  url = new URL("/", line.mcpUrl);
  const make = async (path: string, body: unknown): Promise<string> => {
    const answer = await sendAdmin(new URL(`/api/v1/${path}`, url), "POST", body, line.adminToken);
    return ((await answer.json()) as { token: string }).token;
  };
  token = await make("access-tokens", { scopes: ["aimdb:read"] });
  const config = { allowed_sockets: [socketPath], rate_limit: 0 };
  const joinToken = await make("join-tokens", {});
  relay = await RelayProcess.enroll(
    { folder: join(folder, "relay"), name: "gw", config },
    { url, joinToken },
  );
  proxy = new FaultProxy(url);
  await proxy.lead(join(folder, "relay", "state", "identity.json"));
  proxy.become(LINE);
  client = await connectClient(new URL(line.mcpUrl), token);
});

afterAll(async () => {
  await client.close();
  await relay.stop("SIGKILL");
  await proxy.close();
  await server.end("npm");
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

test("its inventory arrives, and the link stays up meanwhile", async () => {
  relay.start();
  const found = await waitFor(100_000, async () => {
    const { json } = await client.call("discover_instances");
    return json.instances?.find(({ status }: { status: string }) => status === "up");
  });

  expect(found).toMatchObject({ instance: INSTANCE, record_count: MOVING.length + STILL.length });
  expect(relay.log).not.toContain("link_down");
});

test("who reads is answered, and who follows hears the newest and of each that was left out", async () => {
  const records = MOVING.map((key) => `${INSTANCE}/${key}`);
  const source = await EventSource.open(url, { token, records, presence: false });
  const looks: unknown[] = [];
  const lagsMs: number[] = [];
  for (let ms = 0; ms < WATCHED_MS; ms += LOOK_MS) {
    await pause(LOOK_MS);
    const read = await client.call("get_record", {
      instance: INSTANCE,
      record_name: STILL[ms % 100],
    });
    looks.push(read.json.error?.code ?? read.json.stale);
    lagsMs.push(lagMs(source.of("sample").at(-1)));
  }
  source.cut();
  await source.ended;

  expect(looks).toEqual(looks.map(() => false));
  // At the first look the first answer may be on its way.
  expect(Math.max(...lagsMs.slice(1))).toBeLessThan(MAX_LAG_MS);
  expect(source.of("gap").map(({ data }) => data["reason"])).toContain("link_slow");
  expect(MOVING.map((key) => holesOf(source.events, key)).filter((hole) => hole !== 0)).toEqual([]);
  expect(relay.log).not.toContain("link_down");
});

test("those who follow the same share what the line carries, and each hears of each that was left out", async () => {
  const heard = await heardBy(3);
  // Each begins by itself.
  const later = heard.map((events) => samplesSince(events, WATCHED_MS / 2));
  const all = new Set(later.flat());

  // Of what goes on with the newest for each of them, another has nothing.
  expect(all.size).toBeLessThan(1.5 * Math.max(...later.map((names) => names.length)));
  expect(
    heard.flatMap((events) => MOVING.map((key) => holesOf(events, key))).filter((n) => n !== 0),
  ).toEqual([]);
  expect(relay.log).not.toContain("link_down");
});

/** Names of those that came in so long a time before the last. */
function samplesSince(events: readonly ServerEvent[], ms: number): string[] {
  const sinceMs = (events.at(-1)?.atMs ?? 0) - ms;
  const samples = events.filter(({ event, atMs }) => event === "sample" && atMs >= sinceMs);
  return samples.map(({ data }) => `${String(data["record"])} ${String(data["sequence"])}`);
}

/** What each of so many streams of all that moves hears in a while. */
async function heardBy(streams: number): Promise<(readonly ServerEvent[])[]> {
  const records = MOVING.map((key) => `${INSTANCE}/${key}`);
  const sources = await Promise.all(
    Array.from({ length: streams }, () =>
      EventSource.open(url, { token, records, presence: false }),
    ),
  );
  await pause(WATCHED_MS);
  for (const source of sources) source.cut();
  await Promise.all(sources.map(({ ended }) => ended));
  return sources.map(({ events }) => events);
}

function lagMs(event: ServerEvent | undefined): number {
  const { at_us } = Object(event?.data["value"]);
  return monotonicMs() - at_us / 1_000;
}

/** Sequences between those that were told, less those that a gap counts. */
function holesOf(events: readonly ServerEvent[], key: string): number {
  const own = events.filter(({ data }) => data["record"] === key || data["record_name"] === key);
  const samples = own.filter(({ event }) => event === "sample");
  const sequences = samples.map(({ data }) => Number(data["sequence"]));
  const [first = 0, last = 0] = [sequences[0], sequences.at(-1)];
  const end = own.findLastIndex(({ event }) => event === "sample");
  const begin = own.findIndex(({ event }) => event === "sample");
  const gaps = own.slice(begin, end).filter(({ event }) => event === "gap");
  const missed = gaps.reduce((sum, { data }) => sum + Number(data["missed"]), 0);
  return last - first + 1 - sequences.length - missed;
}
