import { expect, test } from "vitest";
import type {
  AimxVersion,
  HostConfig,
} from "../../../../../worker/selfhost/simulator/host-config.ts";
import { DrivenHost } from "../driven-host.ts";

function connect(config: Partial<HostConfig> = {}, aimx: AimxVersion = "3.0") {
  const host = new DrivenHost({ aimx, config });
  return { host, peer: host.connect() };
}

function call(method: string, params?: string): string {
  return `{"t":"req","id":1,"method":"${method}"${params === undefined ? "" : `,"params":${params}`}}`;
}

function refusal(code: string): string {
  return `{"t":"reply","id":1,"err":"${code}"}`;
}

function answer(ok: string): string {
  return `{"t":"reply","id":1,"ok":${ok}}`;
}

const TEMPERATURE = { sensor_id: "s", celsius: 21.7, timestamp: 5 };
const WIDENED = '{"celsius":21.700000762939453,"sensor_id":"s","timestamp":5}';

test.each([
  ["record.get", undefined, "not_found"],
  ["record.get", "[]", "not_found"],
  ["record.get", '{"record":"app.readonly"}', "not_found"],
  ["record.get", '{"name":"x"}', "not_found"],
  ["record.get", '{"name":"app.settings"}', "not_found"],
  ["record.get", '{"name":"device.idle"}', "not_found"],
  ["record.get", '{"name":"internal.secret"}', "internal"],
  ["record.set", undefined, "internal"],
  ["record.set", '{"name":"app.settings"}', "internal"],
  ["record.set", '{"name":"x","value":1}', "denied"],
  ["record.set", '{"name":"sensor.temp","value":{}}', "denied"],
  ["record.set", '{"name":"phantom","value":1}', "not_found"],
  ["record.set", '{"name":"app.settings","value":{"log_level":5}}', "internal"],
  ["record.drain", undefined, "internal"],
  ["record.drain", '{"name":"x"}', "not_found"],
  ["record.drain", '{"name":"internal.secret"}', "internal"],
  ["record.subscribe", '{"name":"sensor.temp"}', "not_found"],
  ["no.method", undefined, "not_found"],
])("v3 refuses %s with %s", (method, params, code) => {
  const { peer } = connect({ phantomWritableKeys: ["phantom"] });

  expect(peer.ask(call(method, params))).toEqual([refusal(code)]);
});

test.each([
  ["record.set", '{"name":"app.settings","value":1}', { policy: "read_only" }, "denied"],
  ["profiling.reset", "null", { policy: "read_only" }, "denied"],
  ["profiling.reset", "null", { hasMetrics: false }, "not_found"],
  ["record.query", "null", { hasPersistence: false }, "internal"],
] as const)("v3 refuses %s %s on a host with %o", (method, params, config, code) => {
  expect(connect(config).peer.ask(call(method, params))).toEqual([refusal(code)]);
});

const WELCOME =
  '{"authenticated":false,"max_subscriptions":8,"permissions":["read","write"],"server":"aimdb",' +
  '"version":"3.0","writable_records":["sensor.locked","derived.fahrenheit","app.settings",' +
  '"device.command","device.idle"]}';

test.each(["3", "3.0", "3.7"])("v3 hello with version %s is welcome", (version) => {
  const { peer } = connect({ authToken: "ignored" });

  expect(peer.ask(call("hello", `{"version":"${version}"}`))).toEqual([answer(WELCOME)]);
});

test.each(['{"version":"2.0"}', '{"version":""}', '{"version":3}', "{}", "null"])(
  "v3 hello %s is a version mismatch, and the session goes on",
  (params) => {
    const { peer } = connect();

    expect(peer.ask(call("hello", params))).toEqual([refusal("version_mismatch")]);
    expect(peer.ask(call("record.get", '{"name":"app.readonly"}'))).toEqual([answer('{"up":7}')]);
  },
);

test("v2 hello is welcome with any version", () => {
  const { peer } = connect({}, "2.0");

  expect(peer.ask(call("hello", '{"version":"3.0"}'))[0]).toContain('"version":"2.0"');
  expect(peer.ask(call("hello"))[0]).toContain('"version":"2.0"');
});

test("v3 get of state prints the type's own order and its f32", () => {
  const { host, peer } = connect();
  host.produce("derived.fahrenheit", { fahrenheit: 75.2 });

  expect(peer.ask(call("record.get", '{"name":"derived.fahrenheit"}'))).toEqual([
    answer('{"fahrenheit":75.2}'),
  ]);
});

test("v3 get of a ring finds only what came since the cursor, widened", () => {
  const { host, peer } = connect();
  const get = call("record.get", '{"name":"sensor.temp"}');
  host.produce("sensor.temp", TEMPERATURE);
  expect(peer.ask(get)).toEqual([refusal("not_found")]);
  host.produce("sensor.temp", { ...TEMPERATURE, timestamp: 4 });
  host.produce("sensor.temp", TEMPERATURE);

  expect(peer.ask(get)).toEqual([answer(WIDENED)]);
  expect(peer.ask(get)).toEqual([refusal("not_found")]);
});

test("v3 get of a ring eats what a drain would have answered", () => {
  const { host, peer } = connect();
  peer.ask(call("record.drain", '{"name":"sensor.temp"}'));
  host.produce("sensor.temp", TEMPERATURE);
  peer.ask(call("record.get", '{"name":"sensor.temp"}'));

  expect(peer.ask(call("record.drain", '{"name":"sensor.temp"}'))[0]).toContain('"count":0');
});

test("v3 get looks at a waiting message without taking it", () => {
  const { peer } = connect();
  const get = call("record.get", '{"name":"device.idle"}');
  peer.ask(call("record.set", '{"name":"device.idle","value":{"op":"idle","n":2}}'));

  expect(peer.ask(get, get)).toEqual([
    answer('{"op":"idle","n":2}'),
    answer('{"op":"idle","n":2}'),
  ]);
  expect(peer.ask(call("record.drain", '{"name":"device.idle"}'))[0]).toContain('"count":1');
  expect(peer.ask(get)).toEqual([refusal("not_found")]);
});

test("v3 set echoes a command, which the application then consumes", () => {
  const { peer } = connect();

  expect(
    peer.ask(call("record.set", '{"name":"device.command","value":{"op":"go","n":1}}')),
  ).toEqual([answer('{"status":"success","value":{"n":1,"op":"go"}}')]);
  expect(peer.ask(call("record.get", '{"name":"device.command"}'))).toEqual([refusal("not_found")]);
});

test("v3 drain of state answers the present value once", () => {
  const { host, peer } = connect();
  const drain = call("record.drain", '{"name":"sensor.locked"}');
  host.produce("sensor.locked", { up: 1 });

  expect(peer.ask(drain)[0]).toContain('"values":[{"up":1}]');
  expect(peer.ask(drain)[0]).toContain('"values":[]');
});

test("v3 query answers records sorted by time", () => {
  const { host, peer } = connect();
  for (const timestamp of [1, 2, 3]) {
    host.advanceMs(10);
    host.produce("sensor.temp", { ...TEMPERATURE, timestamp });
  }

  const [line = ""] = peer.ask(call("record.query", '{"name":"sensor.*","limit":2}'));

  expect(JSON.parse(line)).toMatchObject({
    ok: {
      total: 2,
      records: [
        { topic: "sensor.temp", ts: host.nowMs - 10, payload: { timestamp: 2 } },
        { topic: "sensor.temp", ts: host.nowMs, payload: { timestamp: 3 } },
      ],
    },
  });
});

test.each([
  ["3.0", "*", 0],
  ["3.0", "#", 1],
  ["2.0", "*", 1],
  ["2.0", "#", 1],
] as const)("v%s query of %s answers %d", (aimx, pattern, count) => {
  const { host, peer } = connect({}, aimx);
  host.produce("sensor.temp", TEMPERATURE);

  const [line] = peer.ask(call("record.query", `{"name":"${pattern}"}`));

  expect(line).toContain(aimx === "3.0" ? `"total":${count}` : `"count":${count}`);
});
