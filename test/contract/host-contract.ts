/** What a client sees of a host does not depend on which host it is, nor on the way to it. */
import { expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { Host, HostKind } from "../support/hosts/hosts.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";

/** How often the hosts produce. */
export const PERIOD_MS = 100;

export interface Subject {
  readonly instance: string;
  readonly socketPath: string;
  readonly client: ConnectedClient;
  readonly host: Host | undefined;
  /** When a test starts it anew. */
  replaceHost(host: Host): void;
}

/** Each fact of one host, by one way to reach it. */
export function describeHost(kind: HostKind, subject: () => Subject): void {
  const { protocol, tellsTime } = kind;
  const call = (tool: string, args: Record<string, unknown> = {}) =>
    subject().client.call(tool, args);
  const ask = (tool: string, args: Record<string, unknown> = {}) =>
    call(tool, { instance: subject().instance, ...args });

  test("discover_instances names the instance with its protocol and counts", async () => {
    const { json } = await call("discover_instances");

    expect(json.instances).toContainEqual(
      expect.objectContaining({
        instance: subject().instance,
        socket_path: subject().socketPath,
        server_version: "aimdb",
        protocol_version: protocol,
        record_count: 8,
        writable_records: 3,
        authenticated: false,
        status: "up",
      }),
    );
  });

  test("list_records shows origin and counts as the graph has them", async () => {
    const { json } = await ask("list_records");

    const rows = new Map(json.records.map((row: { name: string }) => [row.name, row]));
    expect(new Set(rows.keys())).toEqual(
      new Set([
        "app.readonly",
        "app.settings",
        "derived.fahrenheit",
        "device.command",
        "device.idle",
        "internal.secret",
        "sensor.locked",
        "sensor.temp",
      ]),
    );
    expect(rows.get("sensor.temp")).toMatchObject({
      record_key: "sensor.temp",
      type_name: expect.stringMatching(/::Temperature$/),
      buffer_type: "spmc_ring",
      buffer_capacity: 16,
      origin: "source",
      producer_count: 1,
      consumer_count: expect.any(Number),
      observed: "live",
    });
    expect(rows.get("derived.fahrenheit")).toMatchObject({
      origin: { transform: { input: "sensor.temp" } },
      producer_count: 1,
    });
    expect(rows.get("device.command")).toMatchObject({
      buffer_type: "mailbox",
      origin: "passive",
      producer_count: 0,
      consumer_count: 1,
      observed: "never",
    });
  });

  test("list_records gives dates where the host has them, and null where not", async () => {
    const { json } = await ask("list_records");

    const [{ created_at, last_update }] = json.records;
    const dated = /^\d{4}-.*\.\d{9}Z .*\.\d{9}Z$/;
    expect(`${created_at} ${last_update}`).toMatch(tellsTime ? dated : /^null null$/);
  });

  test.each([
    ["app.settings", true, "The device file opens it."],
    ["sensor.temp", false, "The host's policy does not let it be written."],
    ["sensor.locked", false, "The application produces it."],
    ["derived.fahrenheit", false, "The application produces it."],
    ["app.readonly", false, "The host's policy does not let it be written."],
  ])(
    "list_records says of %s whether it is writable (%s) and why",
    async (key, writable, reason) => {
      const { json } = await ask("list_records");

      const row = json.records.find((candidate: { name: string }) => candidate.name === key);
      expect(row).toMatchObject({ writable, writable_reason: reason });
    },
  );

  test("list_records with writable_only leaves the others out", async () => {
    const { json } = await ask("list_records", { writable_only: true });

    expect(json.records.map((row: { name: string }) => row.name).sort()).toEqual([
      "app.settings",
      "device.command",
      "device.idle",
    ]);
  });

  test("get_record gives the ring's newest value with time and sequence", async () => {
    const { json, isError } = await ask("get_record", { record_name: "sensor.temp" });

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      instance: subject().instance,
      record_name: "sensor.temp",
      value: { celsius: expect.any(Number), sensor_id: expect.stringMatching(/^s-[0-2]$/) },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      timestamp_source: tellsTime ? "host" : "observed",
      sequence: expect.any(Number),
      stale: false,
    });
    expect(json.age_ms).toBeLessThan(5_000);
  });

  test("get_record gives a higher sequence later, and one value for one sequence", async () => {
    const first = await ask("get_record", { record_name: "sensor.locked" });

    const later = await waitFor(5_000, async () => {
      const { json } = await ask("get_record", { record_name: "sensor.locked" });
      return json.sequence > first.json.sequence ? json : undefined;
    });

    expect(later.value.up - first.json.value.up).toBe(later.sequence - first.json.sequence);
  });

  test("get_record gives a value that was there before the relay, and says so", async () => {
    const { json } = await ask("get_record", { record_name: "app.readonly" });

    expect(json).toMatchObject({
      value: { up: 7 },
      timestamp_source: tellsTime ? "host" : "first_seen",
      sequence: 1,
    });
  });

  test("get_record takes the socket's path in place of the instance", async () => {
    const { instance, socketPath } = subject();

    const { json } = await call("get_record", { record_name: "app.readonly", socket: socketPath });

    expect(json).toMatchObject({ instance, value: { up: 7 } });
  });

  test("get_record takes a type name that only one record has", async () => {
    const { json } = await ask("list_records");
    const row = json.records.find(
      (candidate: { name: string }) => candidate.name === "sensor.temp",
    );

    const answer = await ask("get_record", { record_name: row.type_name });

    expect(answer.json).toMatchObject({ record_name: "sensor.temp" });
  });

  test.each([
    ["app.settings", "no_value"],
    ["internal.secret", tellsTime ? "no_value" : "no_remote_access"],
    ["sensor.tmp", "unknown_record"],
  ])("get_record of %s is the error %s", async (record_name, code) => {
    const { json, isError } = await ask("get_record", { record_name });

    expect(isError).toBe(true);
    expect(json.error.code).toBe(code);
  });

  test("get_record of a wrong name suggests the nearest", async () => {
    const { json } = await ask("get_record", { record_name: "sensor.tmp" });

    expect(json.error.nearest[0]).toBe("sensor.temp");
  });

  test("set_record changes a writable record, and get_record reads it back", async () => {
    const value = { log_level: "debug", max: 5 };

    const written = await ask("set_record", { record_name: "app.settings", value });
    const read = await ask("get_record", { record_name: "app.settings" });

    expect(written).toMatchObject({
      isError: false,
      json: { success: true, outcome: "applied", echo: "same", record_name: "app.settings" },
    });
    expect(read.json).toMatchObject({ value, sequence: 1 });
  });

  test.each([
    ["sensor.temp", { celsius: 1 }, "refused", "refused_by_host"],
    ["sensor.locked", { up: 1 }, "refused", "refused_by_device"],
    ["app.settings", { log_level: 5 }, "not_applied", "invalid_value"],
    ["no.such.record", {}, "not_applied", "unknown_record"],
  ])("set_record of %s with %j is %s: %s", async (record_name, value, outcome, code) => {
    const { json, isError } = await ask("set_record", { record_name, value });

    expect(isError).toBe(true);
    expect(json).toMatchObject({ success: false, outcome, error: { code } });
  });

  test("set_record reaches the application's own mailbox, and nobody takes the message away", async () => {
    const { json } = await ask("set_record", {
      record_name: "device.command",
      value: { op: "calibrate", n: 3 },
    });

    expect(json).toMatchObject({ success: true });
    const taken = await waitFor(3_000, async () =>
      subject()
        .host?.commandsTaken()
        .find((command) => command.includes("calibrate")),
    );
    expect(taken).toContain("3");
  });

  test("get_record of a mailbox shows the message that waits", async () => {
    const value = { op: "idle", n: 2 };
    await ask("set_record", { record_name: "device.idle", value });

    const first = await ask("get_record", { record_name: "device.idle" });
    const second = await ask("get_record", { record_name: "device.idle" });

    expect(first.json).toMatchObject({ value, sequence: null });
    expect(second.json.value).toEqual(value);
  });

  test("subscribe_record refuses a mailbox", async () => {
    const { json } = await ask("subscribe_record", { record_name: "device.command" });

    expect(json.error.code).toBe("not_observable");
  });

  test("subscribe_record returns the events of its seconds, in order and without a hole", async () => {
    const { json } = await ask("subscribe_record", {
      record_name: "sensor.locked",
      duration_seconds: 2,
    });

    expect(json).toMatchObject({
      complete: true,
      dropped_events: tellsTime ? null : 0,
      loss: { "1.0": "not_visible", "2.0": "lower_bound", "3.0": "counted" }[protocol],
    });
    const counters = json.events.map((event: { value: { up: number } }) => event.value.up);
    expect(counters.length).toBeGreaterThanOrEqual(5);
    expect(counters).toEqual(counters.map((_: number, i: number) => counters[0] + i));
  });

  test("subscribe_record ends at max_events and unsubscribe_record says so", async () => {
    const { json } = await ask("subscribe_record", { record_name: "sensor.temp", max_events: 3 });
    const ended = await call("unsubscribe_record", {
      subscription_id: json.subscription_id,
    });

    expect(json.events).toHaveLength(3);
    expect(json.complete).toBe(true);
    expect(ended.json).toEqual({ success: true, status: "already_ended" });
  });

  test("subscribe_record continues by its id where the answer before was full", async () => {
    const subscription = { record_name: "sensor.locked", duration_seconds: 3, max_bytes: 1_000 };
    const first = await ask("subscribe_record", subscription);
    const counters = first.json.events.map((event: { value: { up: number } }) => event.value.up);

    let last = first;
    while (last.json.complete === false) {
      last = await call("subscribe_record", {
        record_name: "sensor.locked",
        subscription_id: first.json.subscription_id,
      });
      counters.push(...last.json.events.map((event: { value: { up: number } }) => event.value.up));
    }

    expect(first.json.complete).toBe(false);
    expect(counters).toEqual(counters.map((_: number, i: number) => counters[0] + i));
  });

  test("subscribe_record gives again what came behind a cursor, its answer lost, even the last", async () => {
    const record_name = "sensor.locked";
    const first = await ask("subscribe_record", { record_name, max_events: 6, max_bytes: 1_000 });
    const { subscription_id, next_cursor: cursor } = first.json;
    const rest = () => call("subscribe_record", { record_name, subscription_id, cursor });

    const lost = await rest();
    const again = await rest();

    expect(first.json.complete).toBe(false);
    expect(lost.json).toMatchObject({ complete: true, next_cursor: null });
    expect(again.json.events).toEqual(lost.json.events);
    expect([...first.json.events, ...again.json.events]).toHaveLength(6);
    expect(again.json.complete).toBe(true);
  });

  test("a host that ended is named as down, and its successor answers the same client", async () => {
    const { host, socketPath } = subject();
    await host?.kill();
    const down = await ask("get_record", { record_name: "app.readonly" });
    subject().replaceHost(await kind.start(socketPath, PERIOD_MS));
    const up = await ask("get_record", { record_name: "app.readonly" });

    expect(down.json.error).toMatchObject({ code: "instance_down" });
    expect(up.json).toMatchObject({ value: { up: 7 } });
  });
}
