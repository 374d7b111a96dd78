/** What goes wrong between client and host: told to the one who can act on it, everyone else unharmed. */
import { createServer, type Server, type Socket } from "node:net";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { Simulator } from "../../worker/selfhost/simulator/server.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import type { RelayProcess } from "../support/processes/relay-process.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

let bed: TestBed;
let client: ConnectedClient;
let relay: RelayProcess;
let good: Simulator;
let faulty: Simulator;

/** Programs that are not AimDB, each in its own way. */
const STRANGERS: Record<string, (socket: Socket) => void> = {
  hangs: () => {},
  "closes-at-once": (socket) => socket.end(),
  "closes-mid-line": (socket) => socket.end('{"t":"reply","id":1,"ok":{"ver'),
  "speaks-http": (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "speaks-json": (socket) => socket.write('{"jsonrpc":"2.0","id":1,"result":{}}\n'),
  "sends-bytes": (socket) => socket.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a])),
  "sends-without-end": (socket) => endless(socket),
};

function endless(socket: Socket): void {
  socket.on("error", () => {});
  const more = () => {
    while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x61))) {
      // Until the other end takes no more for now.
    }
  };
  socket.on("drain", more);
  more();
}

async function stranger(name: string, behave: (socket: Socket) => void): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    behave(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(bed.socket(name), resolve);
  });
  bed.onClose(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

beforeAll(async () => {
  bed = await TestBed.open();
  good = await bed.host("good");
  faulty = await bed.host("faulty", "1.0");
  for (const [name, behave] of Object.entries(STRANGERS)) await stranger(name, behave);
  await writeFile(bed.socket("file"), "not a socket");
  relay = await bed.relay("gw", ["*"]);
  client = await bed.client();
  await untilStatus(client, "gw/good", "up");
  await untilStatus(client, "gw/faulty", "up");
});

afterAll(() => bed.close());

const get = (instance: string, record_name = "app.readonly") =>
  client.call("get_record", { instance: `gw/${instance}`, record_name });
const set = (instance: string, max: number) =>
  client.call("set_record", {
    instance: `gw/${instance}`,
    record_name: "app.settings",
    value: { log_level: "fault", max },
  });

test("sockets that are not AimDB are skipped, with a reason each, and are no instances", async () => {
  const { json } = await client.call("discover_instances");
  const discovered = JSON.parse(await relay.command(["discover", "--json"]));
  const reasons = new Map(
    discovered.skipped.map(({ socket_path, reason }: Record<string, string>) => [
      socket_path,
      reason,
    ]),
  );

  expect(json.instances.map((row: { instance: string }) => row.instance)).toEqual([
    "gw/faulty",
    "gw/good",
  ]);
  expect(json.skipped_sockets).toBe(Object.keys(STRANGERS).length + 1);
  expect(reasons.get(bed.socket("hangs"))).toContain("did not answer the AimX greeting in time");
  expect(reasons.get(bed.socket("closes-at-once"))).toContain("without a word");
  expect(reasons.get(bed.socket("speaks-http"))).toBe("It does not speak AimX.");
  expect(reasons.get(bed.socket("sends-without-end"))).toContain("more than 4 MiB");
  expect(reasons.get(bed.socket("file"))).toBe("It is not a socket.");
});

test("a host that hangs is instance_slow within the deadline, and the other answers meanwhile", async () => {
  faulty.setFaults({ hang: true });
  const [slow, other] = await Promise.all([get("faulty"), get("good")]);
  faulty.setFaults({});

  expect(slow.json.error.code).toBe("instance_slow");
  expect(other.json.value).toEqual({ up: 7 });
  expect((await get("faulty")).json.value).toEqual({ up: 7 });
});

test("a write whose answer is lost is unknown, and is not repeated", async () => {
  await untilStatus(client, "gw/faulty", "up");
  faulty.setFaults({ unansweredMethod: "record.set" });
  const before = faulty.requestCounts.get("record.set") ?? 0;
  const { json, isError } = await set("faulty", 41);
  faulty.setFaults({});

  expect(isError).toBe(true);
  expect(json).toMatchObject({ success: false, outcome: "unknown" });
  expect(json.error.message).toContain("read the record before writing again");
  expect(faulty.requestCounts.get("record.set")).toBe(before + 1);
});

test("a host that closes on a write leaves its outcome unknown", async () => {
  await untilStatus(client, "gw/faulty", "up");
  faulty.setFaults({ closeOnSet: true });
  const { json } = await set("faulty", 42);
  faulty.setFaults({});

  expect(json).toMatchObject({ outcome: "unknown", error: { code: "instance_down" } });
});

test("a host that sends garbage is reconnected, and the next call works", async () => {
  faulty.setFaults({ garbageLine: { beforeReply: 3, text: "%%%" } });
  faulty.dropConnections();
  await get("faulty");
  faulty.setFaults({});

  const value = await waitFor(5_000, async () => (await get("faulty")).json.value);
  expect(value).toEqual({ up: 7 });
});

test("a relay that is killed is offline since then, and back without the client's doing", async () => {
  const before = Date.now();
  const live = await get("good");
  await relay.stop("SIGKILL");
  await untilStatus(client, "gw/good", "offline");
  const known = await get("good");
  const offline = await get("good", "never.asked");
  const write = await set("good", 1);
  relay.start();
  await untilStatus(client, "gw/good", "up");
  const back = await get("good");

  expect(known.json).toMatchObject({ value: { up: 7 }, stale: true, sequence: 1 });
  expect(Date.parse(known.json.offline_since)).toBeGreaterThanOrEqual(before - 1_000);
  expect(known.json.age_ms).toBeGreaterThanOrEqual(live.json.age_ms);
  expect(offline.json.error).toMatchObject({ code: "relay_offline" });
  expect(Date.parse(offline.json.error.offline_since)).toBeGreaterThanOrEqual(before - 1_000);
  expect(write.json).toMatchObject({ outcome: "not_applied", error: { code: "relay_offline" } });
  expect(back.json).toMatchObject({ value: { up: 7 }, stale: false });
});

test("a relay that stops says goodbye and ends with status 0, its values stay known", async () => {
  const live = await get("good", "sensor.locked");
  expect(await relay.stop()).toBe(0);
  const row = await untilStatus(client, "gw/good", "offline");
  const known = await get("good", "sensor.locked");
  relay.start();
  await untilStatus(client, "gw/good", "up");

  expect(row["offline_since"]).toMatch(/^\d{4}-/);
  expect(known.json).toMatchObject({ stale: true, epoch: live.json.epoch });
  expect(known.json.sequence).toBeGreaterThanOrEqual(live.json.sequence);
  expect(Date.parse(known.json.timestamp)).toBeLessThanOrEqual(Date.now());
});

test("a subscription goes on over the restart of its relay, with the gap named", async () => {
  const first = await client.call("subscribe_record", {
    instance: "gw/good",
    record_name: "sensor.locked",
    duration_seconds: 30,
    max_bytes: 1_000,
  });
  await relay.stop();
  relay.start();
  await untilStatus(client, "gw/good", "up");
  const second = await client.call("subscribe_record", {
    record_name: "sensor.locked",
    subscription_id: first.json.subscription_id,
    max_bytes: 1_000,
  });

  expect(second.json.gaps[0]).toEqual({ reason: "relay_restarted", missed: null });
  expect(second.json.dropped_events).toBeNull();
  expect(second.json.events.length).toBeGreaterThan(0);
});

test("a sleeping relay object answers the next call, and its subscription goes on", async () => {
  const first = await client.call("subscribe_record", {
    instance: "gw/good",
    record_name: "sensor.locked",
    duration_seconds: 30,
    max_bytes: 1_000,
  });
  const worker = bed.worker.harness.getWorker();
  const ids = await worker.listDurableObjectIds("RELAY");
  for (const id of ids) {
    await worker.evictDurableObject("RELAY", { id, webSockets: "hibernate" });
  }

  const second = await client.call("subscribe_record", {
    record_name: "sensor.locked",
    subscription_id: first.json.subscription_id,
    max_bytes: 1_000,
  });

  const counters = [...first.json.events, ...second.json.events].map(
    (event: { value: { up: number } }) => event.value.up,
  );
  expect(counters).toEqual(counters.map((_, i) => Number(counters[0]) + i));
  expect((await get("good")).json.value).toEqual({ up: 7 });
});

test("a worker that drops its sockets, as a deploy does, has its relays back", async () => {
  const worker = bed.worker.harness.getWorker();
  for (const id of await worker.listDurableObjectIds("RELAY")) {
    await worker.evictDurableObject("RELAY", { id, webSockets: "close" });
  }

  await untilStatus(client, "gw/good", "up");
  expect((await get("good")).json.value).toEqual({ up: 7 });
});

test("a thousand calls are all answered, over the host's two standing connections", async () => {
  const codes = new Set<unknown>();
  for (let batch = 0; batch < 20; batch += 1) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        get("good", i % 2 === 0 ? "app.readonly" : "sensor.temp"),
      ),
    );
    for (const { json } of answers) codes.add(json.error?.code ?? "ok");
  }

  expect([...codes]).toEqual(["ok"]);
  expect(good.connectionCount).toBe(2);
});
