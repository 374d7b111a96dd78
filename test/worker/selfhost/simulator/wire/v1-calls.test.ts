import { expect, test } from "vitest";
import type { HostConfig } from "../../../../../worker/selfhost/simulator/host-config.ts";
import { DrivenHost, greeted } from "../driven-host.ts";

function connect(config: Partial<HostConfig> = {}) {
  const host = new DrivenHost({ aimx: "1.0", config });
  return { host, peer: greeted(host) };
}

function call(method: string, params?: string): string {
  return `{"id":1,"method":"${method}"${params === undefined ? "" : `,"params":${params}`}}`;
}

function refusal(code: string, message: string): string {
  return JSON.stringify({ id: 1, error: { code, message } });
}

const NO_PARAMS = ["invalid_params", "Missing params object"] as const;
const NO_NAME = [
  "invalid_params",
  "Missing or invalid 'name' parameter (expected string)",
] as const;
const TYPE = "demo_host::Status";
const NO_STREAM = `Runtime error: Record '${TYPE}' not configured with .with_remote_access(). Cannot subscribe to JSON stream.`;

test.each([
  ["record.get", undefined, ...NO_PARAMS],
  [
    "record.get",
    '{"name":"app.readonly"}',
    "invalid_params",
    "Missing or invalid 'record' parameter",
  ],
  ["record.get", '{"record":"x"}', "not_found", "No value available for record: x"],
  [
    "record.get",
    '{"record":"app.settings"}',
    "not_found",
    "No value available for record: app.settings",
  ],
  [
    "record.get",
    '{"record":"internal.secret"}',
    "not_found",
    "No value available for record: internal.secret",
  ],
  ["record.set", undefined, ...NO_PARAMS],
  ["record.set", '{"value":1}', ...NO_NAME],
  ["record.set", '{"name":"app.settings"}', "invalid_params", "Missing 'value' parameter"],
  [
    "record.set",
    '{"name":"x","value":1}',
    "permission_denied",
    "Record 'x' is not writable. Configure with .with_writable_record() to allow writes.",
  ],
  ["record.set", '{"name":"phantom","value":1}', "not_found", "Record 'phantom' not found"],
  [
    "record.set",
    '{"name":"app.settings","value":{"log_level":5}}',
    "internal_error",
    "Failed to deserialize JSON to type 'demo_host::Settings'. JSON structure does not match the expected schema.",
  ],
  ["record.drain", "[]", ...NO_PARAMS],
  ["record.drain", "{}", ...NO_NAME],
  ["record.drain", '{"name":"x"}', "not_found", "Record 'x' not found"],
  [
    "record.drain",
    '{"name":"internal.secret"}',
    "remote_access_not_enabled",
    `Record 'internal.secret' not configured with .with_remote_access(): ${NO_STREAM}`,
  ],
  ["record.subscribe", undefined, ...NO_PARAMS],
  ["record.subscribe", '{"name":5}', ...NO_NAME],
  ["record.subscribe", '{"name":"sensor.*"}', "not_found", "Record 'sensor.*' not found"],
  [
    "record.subscribe",
    '{"name":"internal.secret"}',
    "internal_error",
    `Failed to subscribe: ${NO_STREAM}`,
  ],
  ["record.unsubscribe", undefined, "invalid_params", "Missing 'subscription_id' parameter"],
  ["record.unsubscribe", "{}", "invalid_params", "Missing or invalid 'subscription_id' parameter"],
  [
    "record.unsubscribe",
    '{"subscription_id":"sub-9"}',
    "not_found",
    "Subscription 'sub-9' not found",
  ],
  ["no.method", undefined, "method_not_found", "Unknown method: no.method"],
])("v1 refuses %s with %s", (method, params, code, message) => {
  const { peer } = connect({ phantomWritableKeys: ["phantom"] });

  expect(peer.ask(call(method, params))).toEqual([refusal(code, message)]);
});

test.each([
  ["record.set", "permission_denied", "Write operations not allowed (ReadOnly security policy)"],
  [
    "profiling.reset",
    "permission_denied",
    "profiling.reset requires write permission (ReadOnly security policy)",
  ],
  [
    "buffer_metrics.reset",
    "permission_denied",
    "buffer_metrics.reset requires write permission (ReadOnly security policy)",
  ],
])("v1 refuses %s under a read-only policy", (method, code, message) => {
  const { peer } = connect({ policy: "read_only" });

  expect(peer.ask(call(method))).toEqual([refusal(code, message)]);
});

test("v1 does not know the reset methods on a host without metrics", () => {
  const { peer } = connect({ hasMetrics: false });

  expect(peer.ask(call("profiling.reset"))).toEqual([
    refusal("method_not_found", "Unknown method: profiling.reset"),
  ]);
});

test("v1 refuses record.query on a host without persistence", () => {
  const { peer } = connect({ hasPersistence: false });

  expect(peer.ask(call("record.query"))).toEqual([
    refusal(
      "not_configured",
      "Persistence not configured. Call .with_persistence() on the builder.",
    ),
  ]);
});

test("v1 get answers the latest value of a ring, widened and sorted", () => {
  const { host, peer } = connect();
  host.produce("sensor.temp", { sensor_id: "s-0", celsius: 21.7, timestamp: 5 });

  expect(peer.ask(call("record.get", '{"record":"sensor.temp"}'))).toEqual([
    '{"id":1,"result":{"celsius":21.700000762939453,"sensor_id":"s-0","timestamp":5}}',
  ]);
});

test("v1 get answers a message that the application has consumed", () => {
  const { peer } = connect();
  peer.ask(call("record.set", '{"name":"device.command","value":{"op":"go","n":1}}'));

  expect(peer.ask(call("record.get", '{"record":"device.command"}'))).toEqual([
    '{"id":1,"result":{"n":1,"op":"go"}}',
  ]);
});

test("v1 set overwrites a record that has a producer of its own", () => {
  const { peer } = connect();

  expect(peer.ask(call("record.set", '{"name":"sensor.locked","value":{"up":5,"x":1}}'))).toEqual([
    '{"id":1,"result":{"status":"success","value":{"up":5}}}',
  ]);
});

test("v1 drain starts with the first call and keeps what a limit left", () => {
  const { host, peer } = connect();
  host.produce("sensor.locked", { up: 0 });
  const drain = (limit: string): string =>
    call("record.drain", `{"name":"sensor.temp","limit":${limit}}`);
  expect(peer.ask(drain("9"))[0]).toContain('"count":0');
  for (const timestamp of [1, 2, 3]) {
    host.produce("sensor.temp", { sensor_id: "s", celsius: 1, timestamp });
  }

  expect(peer.ask(drain("0"))[0]).toContain('"count":0');
  expect(peer.ask(drain("1"))[0]).toContain('"timestamp":1');
  expect(peer.ask(drain("-1"))[0]).toContain('"count":2');
});

test("v1 drain of state answers nothing at first, then at most one value", () => {
  const { host, peer } = connect();
  const drain = call("record.drain", '{"name":"sensor.locked"}');
  host.produce("sensor.locked", { up: 1 });
  expect(peer.ask(drain)[0]).toContain('"values":[]');
  host.produce("sensor.locked", { up: 2 });
  host.produce("sensor.locked", { up: 3 });

  expect(peer.ask(drain)[0]).toContain('"values":[{"up":3}]');
});

test("v1 drain cursors belong to their connection", () => {
  const { host, peer } = connect();
  const other = greeted(host);
  const drain = call("record.drain", '{"name":"sensor.locked"}');
  peer.ask(drain);
  host.produce("sensor.locked", { up: 1 });

  expect(other.ask(drain)[0]).toContain('"count":0');
  expect(peer.ask(drain)[0]).toContain('"count":1');
});

test("v1 query answers one row of each record unless asked for more", () => {
  const { host, peer } = connect();
  for (const timestamp of [1, 2]) {
    host.advanceMs(10);
    host.produce("sensor.temp", { sensor_id: "s", celsius: 1, timestamp });
  }

  const one = `{"record":"sensor.temp","stored_at":${host.nowMs},"value":{"celsius":1.0,"sensor_id":"s","timestamp":2}}`;
  expect(peer.ask(call("record.query"))).toEqual([
    `{"id":1,"result":{"count":1,"values":[${one}]}}`,
  ]);
  expect(peer.ask(call("record.query", '{"name":"*","limit":5}'))[0]).toContain('"count":2');
  expect(peer.ask(call("record.query", '{"name":"#"}'))[0]).toContain('"count":0');
});
