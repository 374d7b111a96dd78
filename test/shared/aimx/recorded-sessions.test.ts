/** The dialects against raw sessions with live hosts: what we write, and what we make of the answers. */
import { expect, test } from "vitest";
import { AimxConnection, type AimxEvent } from "#shared/aimx/connection.ts";
import type { Dialect } from "#shared/aimx/dialect.ts";
import type { HostRequest } from "#shared/aimx/host-request.ts";
import type { JsonValue } from "#shared/json/json.ts";
import {
  readRecordedSession,
  RECORDED_SESSIONS,
  type RecordedLine,
} from "../../support/hosts/recorded-session.ts";

const encoder = new TextEncoder();
const NEVER = Number.MAX_SAFE_INTEGER;

interface Params {
  readonly name: string;
  readonly record?: string;
  readonly value: JsonValue;
  readonly limit?: number;
  readonly subscription_id: string;
}

const NO_PARAMS: Params = { name: "", value: null, subscription_id: "" };

interface Frame {
  readonly t?: string;
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly topic?: string;
  readonly sub?: string;
}

type Make = (dialect: Dialect) => HostRequest<unknown>;

const REQUESTS: Record<string, (params: Params) => Make> = {
  "record.list": () => (d) => d.list(),
  "record.get":
    ({ record, name }) =>
    (d) =>
      d.get(record ?? name),
  "record.set":
    ({ name, value }) =>
    (d) =>
      d.set(name, value),
  "record.drain":
    ({ name, limit }) =>
    (d) =>
      d.drain(name, limit),
  "record.query":
    ({ name, limit }) =>
    (d) =>
      d.query({ pattern: name, limit: limit ?? 1 }),
  "record.subscribe":
    ({ name }) =>
    (d) =>
      d.subscribe(name),
  "record.unsubscribe":
    ({ subscription_id }) =>
    (d) =>
      d.unsubscribe(subscription_id),
  "graph.nodes": () => (d) => d.graphNodes(),
  "graph.edges": () => (d) => d.graphEdges(),
  "graph.topo_order": () => (d) => d.graphOrder(),
};

/** The recorded request as one of ours; undefined for what no operation sends. */
function toRequest(frame: Frame, ids: ReadonlyMap<unknown, unknown>): Make | undefined {
  const { t, method = "", params = NO_PARAMS, topic, sub } = frame;
  if (t === "sub" && topic !== undefined && topic !== "#") return (d) => d.subscribe(topic);
  if (t === "unsub") return (d) => d.unsubscribe(String(ids.get(Number(sub))));
  // AimX 1 wants `record`; the recording shows the refusal of `name`, which we never send.
  if (t === undefined && method === "record.get" && params.record === undefined) return undefined;
  return REQUESTS[method]?.(params);
}

function parseOrUndefined(text: string): Frame | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Feeds the recording to a connection. Recorded ids are rewritten to the ones we gave. */
class Replayer {
  readonly hello: { ours: string; recorded: string };
  readonly outcomes: Record<string, unknown> = {};
  readonly events: AimxEvent[] = [];
  /** Requests as we write them beside what was recorded, ids aside. */
  readonly written: { ours: unknown; recorded: unknown }[] = [];
  readonly #connection: AimxConnection;
  readonly #ids = new Map<unknown, unknown>();
  #pongsOwed = 0;

  constructor(lines: readonly RecordedLine[]) {
    const [hello, ...rest] = lines;
    const form = hello?.text.includes('"t"') ? "hybrid" : "plain";
    this.#connection = new AimxConnection({ form, client: "probe/0.1", helloDeadlineMs: NEVER });
    this.hello = { ours: this.#connection.hello, recorded: `${hello?.text}\n` };
    for (const { direction, text } of rest) {
      if (direction === "sent") this.#send(parseOrUndefined(text));
      else this.#receive(JSON.parse(text));
    }
    this.#payPongs();
  }

  #send(recorded: Frame | undefined): void {
    this.#payPongs();
    const make = recorded === undefined ? undefined : toRequest(recorded, this.#ids);
    if (recorded === undefined || make === undefined) return;
    const label = `${recorded.method ?? recorded.t} ${recorded.id ?? recorded.sub}`;
    const text = this.#connection.request(make, NEVER, (outcome) => {
      this.outcomes[label] = outcome;
    });
    const ours: Frame = JSON.parse(text.split("\n", 1)[0] ?? "");
    if (text.includes('"ping"')) this.#pongsOwed += 1;
    if (recorded.id !== undefined) this.#ids.set(recorded.id, ours.id);
    const sub = recorded.sub === undefined ? {} : { sub: ours.sub };
    this.written.push({ ours: { ...ours, id: 0 }, recorded: { ...recorded, ...sub, id: 0 } });
  }

  #receive(frame: Frame): void {
    // Pongs are paid below; id 0 answers the line that was not JSON, which we never write.
    if (frame.t === "pong" || frame.id === 0) return;
    const id = this.#ids.get(frame.id) ?? frame.id;
    const sub = frame.sub === undefined ? {} : { sub: String(this.#ids.get(Number(frame.sub))) };
    this.#feed({ ...frame, ...(id === undefined ? {} : { id }), ...sub });
  }

  /** The recorded client sent no ping behind its `sub` frames; the host would have answered by now. */
  #payPongs(): void {
    for (; this.#pongsOwed > 0; this.#pongsOwed -= 1) this.#feed({ t: "pong" });
  }

  #feed(frame: unknown): void {
    this.events.push(...this.#connection.receive(encoder.encode(`${JSON.stringify(frame)}\n`)));
  }
}

function samples(events: readonly AimxEvent[]) {
  return events.flatMap((event) => (event.type === "sample" ? [event.sample] : []));
}

const replays = {
  v1: new Replayer(readRecordedSession(RECORDED_SESSIONS.v1)),
  v2: new Replayer(readRecordedSession(RECORDED_SESSIONS.v2)),
  v3: new Replayer(readRecordedSession(RECORDED_SESSIONS.v3)),
  v3_released: new Replayer(readRecordedSession(RECORDED_SESSIONS.v3_released)),
};
const versions = ["v1", "v2", "v3", "v3_released"] as const;
type Version = (typeof versions)[number];

test.each(versions)("dialect %s writes its requests as the live host took them", (version) => {
  const { hello, written } = replays[version];

  expect(hello.ours).toBe(hello.recorded);
  expect(written.length).toBeGreaterThan(20);
  for (const { ours, recorded } of written) expect(ours).toEqual(recorded);
});

test.each([
  ["v1", "1.0", 8],
  ["v2", "2.0", 8],
  ["v3", "3.0", 8],
  ["v3_released", "3.0", 8],
] as const)("dialect %s is chosen by the welcome", (version, protocolVersion, maxSubscriptions) => {
  expect(replays[version].events[0]).toMatchObject({
    type: "welcome",
    welcome: {
      protocolVersion,
      server: "aimdb",
      permissions: ["read", "write"],
      maxSubscriptions,
      authenticated: false,
    },
  });
});

test.each(versions)("dialect %s reads the record list", (version) => {
  const list = Object.values(replays[version].outcomes)[0] as { value: unknown[] };

  expect(list.value).toHaveLength(8);
  expect(list.value[0]).toMatchObject({
    record_key: "sensor.temp",
    buffer_type: "spmc_ring",
    buffer_capacity: 16,
    writable: false,
  });
  expect(list.value[3]).toMatchObject({
    record_key: "app.settings",
    type_name: expect.stringMatching(/::Settings$/),
    buffer_type: "single_latest",
    writable: true,
  });
});

test("dialect v1 gives row times as ISO-8601 with nine digits", () => {
  const { value } = replays.v1.outcomes["record.list 1"] as { value: unknown[] };
  expect(value[0]).toMatchObject({
    created_at: "2026-11-20T10:48:32.139464581Z",
    last_update: "2026-11-20T10:48:34.145618263Z",
    produced_count: 5,
    occupancy: [0, 16],
  });
});

const failures: [Version, string, string][] = [
  ["v1", "record.get 4", "not_found"],
  ["v1", "record.get 5", "not_found"],
  ["v1", "record.set 7", "invalid_value"],
  ["v1", "record.set 9", "denied"],
  ["v1", "record.set 10", "not_found"],
  ["v1", "record.drain 16", "no_remote_access"],
  ["v1", "record.subscribe 26", "not_found"],
  ["v1", "record.unsubscribe 28", "not_found"],
  ["v2", "record.get 3", "not_found"],
  ["v2", "record.get 6", "no_remote_access"],
  ["v2", "record.set 8", "invalid_value"],
  ["v2", "record.set 9", "denied"],
  ["v2", "record.set 10", "not_found"],
  ["v2", "record.drain 16", "no_remote_access"],
  ["v2", "sub 26", "not_found"],
  ["v3", "record.get 3", "not_found"],
  ["v3", "record.get 6", "no_remote_access"],
  ["v3", "record.set 8", "invalid_value"],
  ["v3", "record.set 9", "denied"],
  ["v3", "record.set 10", "not_found"],
  ["v3", "record.drain 16", "no_remote_access"],
  ["v3", "sub 26", "not_found"],
  ["v3_released", "record.get 3", "not_found"],
  ["v3_released", "record.set 8", "invalid_value"],
  ["v3_released", "sub 26", "not_found"],
];

test.each(failures)("dialect %s takes the refusal of %s for %s", (version, request, code) => {
  expect(replays[version].outcomes[request]).toMatchObject({
    ok: false,
    error: { type: "host", error: { code } },
  });
});

test("dialect v1 passes the host's own words on", () => {
  expect(replays.v1.outcomes["record.set 9"]).toMatchObject({
    error: { error: { message: expect.stringContaining("'sensor.temp' is not writable") } },
  });
});

test.each([
  [
    "v1",
    "record.get 2",
    { celsius: 21.69999885559082, sensor_id: "s-1", timestamp: 1795171714145 },
  ],
  ["v1", "record.set 6", { value: { log_level: "debug", max: 5 } }],
  ["v1", "record.drain 13", [{ n: 2, op: "idle" }]],
  ["v1", "record.unsubscribe 27", null],
  ["v2", "record.get 5", { up: 16 }],
  ["v2", "record.drain 13", [{ n: 2, op: "idle" }]],
  ["v2", "unsub 24", null],
  ["v3", "record.get 5", { up: 8 }],
  ["v3", "record.set 7", { value: { log_level: "debug", max: 5 } }],
  ["v3", "unsub 25", null],
] as const)("dialect %s reads the answer of %s", (version, request, value) => {
  expect(replays[version].outcomes[request]).toEqual({ ok: true, value });
});

test.each([
  ["v1", "record.query 17", 1795171716650],
  ["v2", "record.query 17", 1795171730693],
  ["v3", "record.query 17", 1795171722671],
] as const)("dialect %s reads stored values of %s", (version, request, storedAtMs) => {
  const { value } = replays[version].outcomes[request] as { value: unknown[] };
  expect(value).toHaveLength(2);
  expect(value[0]).toMatchObject({ record_key: "sensor.temp", storedAtMs });
});

test.each(versions)("dialect %s reads the graph", (version) => {
  const { outcomes } = replays[version];
  const nodes = Object.entries(outcomes).find(([label]) => label.startsWith("graph.nodes"))?.[1];
  const edges = Object.entries(outcomes).find(([label]) => label.startsWith("graph.edges"))?.[1];
  const order = Object.entries(outcomes).find(([label]) => label.startsWith("graph.topo"))?.[1];

  expect(nodes).toMatchObject({ ok: true });
  expect((nodes as { value: unknown }).value).toContainEqual(
    expect.objectContaining({
      key: "derived.fahrenheit",
      origin: { transform: { input: "sensor.temp" } },
    }),
  );
  expect((edges as { value: unknown }).value).toContainEqual({
    edge_type: { tap: { index: 1 } },
    from: "sensor.temp",
    to: null,
  });
  expect((order as { value: unknown }).value).toHaveLength(8);
});

test("dialect v1 gives samples with the host's time and no count of losses", () => {
  expect(samples(replays.v1.events)[0]).toEqual({
    subscription: "sub-1",
    value: { celsius: 22.399999618530273, sensor_id: "s-2", timestamp: 1795171717652 },
    missed: null,
    timestamp: "2026-11-20T10:48:37.652522305Z",
  });
});

test.each(["v2", "v3"] as const)(
  "dialect %s gives samples without time and counts losses",
  (version) => {
    const [first, second] = samples(replays[version].events);
    expect(first).toMatchObject({ missed: 0, timestamp: null, value: { up: expect.any(Number) } });
    expect(second).toMatchObject({ missed: 0, subscription: first?.subscription });
  },
);

test.each(versions)("dialect %s closes for none of what a live host sent", (version) => {
  expect(replays[version].events.filter(({ type }) => type === "closed")).toEqual([]);
});
