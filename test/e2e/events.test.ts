/** The event stream as a program reads it: what it hears, and what a cut, a restart or a stranger changes. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  EventSource,
  type EventsAsked,
  type ServerEvent,
} from "../support/clients/event-source.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { RelayProcess } from "../support/processes/relay-process.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";
import { ADMIN_TOKEN, postAdmin } from "../support/clients/admin-api.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";

const FAST = "gw/fast/sensor.temp";
const STILL = "gw/still/app.readonly";
const WRITTEN = "gw/still/app.settings";

let bed: TestBed;
let token: string;
let client: ConnectedClient;
let relay: RelayProcess;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.host("fast", "3.0", 25);
  await bed.host("still", "3.0", 0);
  relay = await bed.relay("gw", ["fast", "still"]);
  token = await bed.worker.createAccessToken();
  client = await bed.client();
  await untilStatus(client, "gw/fast", "up");
  await untilStatus(client, "gw/still", "up");
});

afterAll(() => bed.close());

const open: EventSource[] = [];
afterEach(() => {
  for (const source of open.splice(0)) source.cut();
});

async function listen(asked: Partial<EventsAsked> = {}): Promise<EventSource> {
  const source = await EventSource.open(bed.worker.url, { token, ...asked });
  open.push(source);
  return source;
}

/** Sequences of the record that were told, or lie in a gap that was: none twice, none left out. */
function places(events: readonly ServerEvent[]): number[] {
  return events
    .filter(({ event }) => event === "sample")
    .map(({ data }) => Number(data["sequence"]));
}

function isRun(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number === (numbers[i - 1] ?? 0) + 1);
}

async function callsAtDevice(method: string): Promise<number> {
  const metrics = await fetch(new URL("/metrics", bed.worker.url), {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const counts = (await metrics.text())
    .split("\n")
    .filter((line) => line.startsWith("aimdb_device_calls_total{") && line.includes(`"${method}"`));
  return counts.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Counts are told in their order: one that came later says that all before have been told. */
async function watchesAtDevice(): Promise<number> {
  const method = "graph.get";
  const before = await callsAtDevice(method);
  await client.call("get_graph", { instance: "gw/fast" });
  await waitFor(5_000, async () => ((await callsAtDevice(method)) > before ? true : undefined));
  return callsAtDevice("samples.watch");
}

async function untilSamples(source: EventSource, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await source.next("sample");
}

test("a reader hears the newest sample of a record, and each one behind it", async () => {
  const source = await listen({ records: [FAST, STILL] });
  const hello = await source.next("hello");
  await untilSamples(source, 20);
  const samples = source.of("sample").filter(({ data }) => data["record"] === "sensor.temp");

  expect(source.response.headers.get("content-type")).toBe("text/event-stream");
  expect(source.notes[0]).toMatch(/^retry: \d+$/);
  expect(hello.data).toMatchObject({ resumed: false });
  expect(samples[0]?.data).toMatchObject({
    instance: "gw/fast",
    value: { celsius: expect.any(Number) },
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    timestamp_source: "observed",
    epoch: expect.any(String),
  });
  expect(isRun(places(samples))).toBe(true);
  expect(source.of("sample").filter(({ data }) => data["record"] === "app.readonly")).toMatchObject(
    [{ data: { instance: "gw/still", value: { up: 7 }, timestamp_source: "first_seen" } }],
  );
});

test("a write is heard of by who listens to a record that nothing else moves", async () => {
  const source = await listen({ records: [WRITTEN] });
  await source.next("hello");
  const value = { log_level: "debug", max: 7 };

  const write = { instance: "gw/still", record_name: "app.settings", value };
  await client.call("set_record", write);

  const heard = await source.next("sample", (data) => JSON.stringify(data["value"]).includes("7"));
  expect(heard.data).toMatchObject({ value, instance: "gw/still" });
});

test("a reader that was cut off goes on with the last id, and misses nothing", async () => {
  const first = await listen({ records: [FAST] });
  await untilSamples(first, 10);
  first.cut();
  await first.ended;
  const second = await listen({ records: [FAST], lastEventId: first.lastEventId });
  await untilSamples(second, 10);

  expect(second.of("hello")[0]?.data).toMatchObject({ resumed: true });
  expect(isRun([...places(first.events), ...places(second.events)])).toBe(true);
  expect(second.of("gap")).toEqual([]);
});

test("readers of the same records hear each sample, and cost the device the questions of one", async () => {
  const before = await watchesAtDevice();
  const sources = await Promise.all(Array.from({ length: 4 }, () => listen({ records: [FAST] })));
  for (const source of sources) await untilSamples(source, 100);
  const most = Math.max(...sources.map((source) => source.of("sample").length));
  const runs = sources.map((source) => isRun(places(source.events)));
  const gaps = sources.flatMap((source) => source.of("gap"));
  for (const source of sources) source.cut();

  expect(runs).toEqual([true, true, true, true]);
  expect(gaps).toEqual([]);
  // Each begins with some questions of its own.
  expect((await watchesAtDevice()) - before).toBeLessThan(1.5 * most);
});

test("an id of another selection is a gap, and the stream begins anew", async () => {
  const first = await listen({ records: [FAST] });
  await first.next("sample");
  const second = await listen({ records: [STILL], lastEventId: first.lastEventId });

  expect((await second.next("gap")).data).toEqual({ reason: "unknown_position", missed: null });
  await second.next("sample");
});

test("the relay's restart is a gap, and the stream goes on behind it", async () => {
  const source = await listen({ records: [FAST] });
  await untilSamples(source, 3);
  await relay.stop();
  const away = await source.next("unavailable");
  relay.start();

  await source.next("available");
  const gap = await source.next("gap");
  await untilSamples(source, 3);

  expect(away.data).toMatchObject({ instance: "gw/fast", record: "sensor.temp" });
  expect(gap.data).toMatchObject({ reason: "relay_restarted", missed: null });
});

test("a reader hears how each relay is, and what happens to it and its instances", async () => {
  const source = await listen();
  const first = await source.next("relay");
  await relay.stop();
  const gone = await source.next("relay", ({ change }) => change === "disconnected");
  relay.start();
  const back = await source.next("relay", ({ change }) => change === "connected");

  expect(first.data).toMatchObject({
    change: "initial",
    relay: "gw",
    status: "active",
    connected: true,
    instances: [
      { instance: "gw/fast", status: "up" },
      { instance: "gw/still", status: "up" },
    ],
  });
  expect(gone.data).toMatchObject({
    connected: false,
    instances: [{ status: "offline" }, { status: "offline" }],
  });
  expect(back.data).toMatchObject({ relay: "gw", connected: true });
});

test("presence that happened while a reader was away is told when it comes back", async () => {
  const first = await listen();
  await first.next("relay");
  first.cut();
  await first.ended;
  await relay.stop();
  relay.start();
  const second = await listen({ lastEventId: first.lastEventId });
  const gone = await second.next("relay");
  const back = await second.next("relay");

  expect([gone.data["change"], back.data["change"]]).toEqual(["disconnected", "connected"]);
  expect(second.of("gap")).toEqual([]);
});

test("an instance whose process ends is told alone", async () => {
  const source = await listen();
  const host = await bed.host("third");
  const extra = await bed.relay("gw-2", ["third"]);
  await source.next("relay", ({ change, relay: name }) => change === "enrolled" && name === "gw-2");
  await source.next("relay", ({ change }) => change === "connected");
  await untilStatus(client, "gw-2/third", "up");

  await host.close();
  const down = await source.next("instance", ({ status }) => status !== "up");
  await extra.stop();

  expect(down.data).toMatchObject({
    instance: "gw-2/third",
    status: expect.stringMatching(/^(down|gone)$/),
  });
});

test("an eleventh stream of one principal is refused until one of them ends", async () => {
  const own = await bed.worker.createAccessToken();
  const ten = await Promise.all(
    Array.from({ length: 10 }, () => listen({ token: own, records: [FAST] })),
  );
  const eleventh = await listen({ token: own, records: [FAST] });
  const other = await listen({ records: [FAST] });
  const [resumable] = ten;
  await resumable?.next("sample");
  const next = await listen({ token: own, records: [FAST], lastEventId: resumable?.lastEventId });

  expect(ten.map(({ response }) => response.status)).toEqual(Array.from({ length: 10 }, () => 200));
  expect(eleventh.response.status).toBe(429);
  expect(Number(eleventh.response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect([other.response.status, next.response.status]).toEqual([200, 200]);
  expect((await resumable?.next("bye"))?.data).toEqual({ reason: "replaced" });
});

test("a reader that left without a word has given up its place seconds later", async () => {
  const own = await bed.worker.createAccessToken();
  const ten = await Promise.all(
    Array.from({ length: 10 }, () => listen({ token: own, records: [STILL] })),
  );
  for (const one of ten) await one.next("sample");
  ten[3]?.cut();

  const free = await waitFor(20_000, async () => {
    const { response } = await listen({ token: own, records: [STILL] });
    return response.status === 200 || undefined;
  });

  expect(free).toBe(true);
});

test("a stream whose token is revoked ends at once and says so", async () => {
  const made = await postAdmin(new URL("/api/v1/access-tokens", bed.worker.url), {
    scopes: ["aimdb:read"],
  });
  const { id, token: own } = Object(await made.json());
  const source = await listen({ token: own, records: [FAST] });
  await source.next("sample");
  const revoke = new URL(`/api/v1/access-tokens/${id}`, bed.worker.url);
  await fetch(revoke, { method: "DELETE", headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });

  expect((await source.next("bye")).data).toEqual({ reason: "revoked" });
  await source.ended;
});

describe("a stream is refused", () => {
  test("to who has no token, as anywhere in the API", async () => {
    const source = await listen({ token: "none", records: [FAST] });

    expect(source.response.status).toBe(401);
    expect(await source.response.json()).toMatchObject({ error: { code: "unauthorized" } });
  });

  test("for another team's record as for one that nobody has", async () => {
    const team = await bed.worker.createTeam("other");
    const foreign = await bed.worker.createAccessToken({ team });
    const theirs = await listen({ token: foreign, records: [FAST] });
    const nobodys = await listen({ token: foreign, records: ["none/fast/sensor.temp"] });

    expect([theirs.response.status, nobodys.response.status]).toEqual([404, 404]);
    expect(await theirs.response.text()).toBe(await nobodys.response.text());
  });

  test.each(["sensor.temp", "gw/fast", "GW/fast/a"])("for the record %s", async (record) => {
    const source = await listen({ records: [record] });

    expect(source.response.status).toBe(400);
  });
});

test("a record that is not there is said to be, and the others are heard", async () => {
  const source = await listen({ records: ["gw/fast/none", FAST] });

  expect((await source.next("unavailable")).data).toMatchObject({ code: "unknown_record" });
  await untilSamples(source, 5);
});
