import { expect, test } from "vitest";
import type { AimxVersion } from "../../../../../worker/selfhost/simulator/host-config.ts";
import type { RecordDefinition } from "../../../../../worker/selfhost/simulator/database/record-definition.ts";
import { DrivenHost } from "../driven-host.ts";

const PING = '{"t":"ping"}';
const PONG = '{"t":"pong"}';

function connect(aimx: AimxVersion = "3.0", records?: readonly RecordDefinition[]) {
  const host = new DrivenHost({ aimx, ...(records && { records }) });
  return { host, peer: host.connect() };
}

function sub(id: number, topic: string): string {
  return `{"t":"sub","id":${id},"topic":"${topic}"}`;
}

function seqs(lines: readonly string[]): readonly number[] {
  return lines.map((line) => Number(/"seq":(\d+)/.exec(line)?.[1]));
}

function temperature(timestamp: number) {
  return { sensor_id: "s", celsius: 23.7, timestamp };
}

test("v3 sub is not acknowledged; a ring sends only what comes next", () => {
  const { host, peer } = connect();
  host.produce("sensor.temp", temperature(1));

  expect(peer.ask(sub(24, "sensor.temp"))).toEqual([]);
  host.produce("sensor.temp", temperature(2));
  expect(peer.take()).toEqual([
    '{"t":"event","seq":1,"sub":"24","data":{"sensor_id":"s","celsius":23.7,"timestamp":2}}',
  ]);
});

test("v3 sub to state sends the present value at once, after what was asked with it", () => {
  const { peer } = connect();

  expect(peer.ask(sub(1, "app.readonly"), PING)).toEqual([
    PONG,
    '{"t":"event","seq":1,"sub":"1","data":{"up":7}}',
  ]);
});

test.each([
  ["nope", "not_found"],
  ["internal.secret", "internal"],
])("v3 sub to %s is refused with %s", (topic, code) => {
  expect(connect().peer.ask(sub(9, topic))).toEqual([`{"t":"reply","id":9,"err":"${code}"}`]);
});

test("v3 sub over the cap is denied until one is given up", () => {
  const { peer } = connect();
  for (let id = 1; id <= 8; id += 1) peer.ask(sub(id, "sensor.temp"));
  expect(peer.ask(sub(9, "sensor.temp"))).toEqual(['{"t":"reply","id":9,"err":"denied"}']);
  peer.ask('{"t":"unsub","sub":"3"}');

  expect(peer.ask(sub(10, "sensor.temp"), PING)).toEqual([PONG]);
});

test("v3 wildcard sends snapshots, then the same state again as events", () => {
  const { host, peer } = connect();
  host.produce("app.settings", { log_level: "debug", max: 5 });

  expect(peer.ask(sub(27, "app.*"))).toEqual([
    '{"t":"snap","seq":1,"topic":"app.settings","sub":"27","data":{"log_level":"debug","max":5}}',
    '{"t":"snap","seq":2,"last":true,"topic":"app.readonly","sub":"27","data":{"up":7}}',
    '{"t":"event","seq":3,"topic":"app.settings","sub":"27","data":{"log_level":"debug","max":5}}',
    '{"t":"event","seq":4,"topic":"app.readonly","sub":"27","data":{"up":7}}',
  ]);
});

test("v3 snapshots are widened where events are not", () => {
  const { host, peer } = connect();
  host.produce("derived.fahrenheit", { fahrenheit: 75.3 });

  const [snap, event] = peer.ask(sub(1, "derived.#"));

  expect(snap).toContain('{"fahrenheit":75.30000305175781}');
  expect(event).toContain('{"fahrenheit":75.3}');
});

test("v3 wildcard that matches nothing readable is silent and does not count", () => {
  const { peer } = connect();
  for (let id = 1; id <= 20; id += 1) expect(peer.ask(sub(id, "internal.*"))).toEqual([]);

  expect(peer.ask(sub(30, "app.readonly"))).toHaveLength(1);
});

test("v2 has no wildcards", () => {
  expect(connect("2.0").peer.ask(sub(27, "#"))).toEqual([
    '{"t":"reply","id":27,"err":"not_found"}',
  ]);
});

test("v3 unsub is silent, also for an id nobody has", () => {
  const { host, peer } = connect();
  peer.ask(sub(1, "sensor.locked"));

  expect(peer.ask('{"t":"unsub","sub":"99"}', '{"t":"unsub","sub":"1"}')).toEqual([]);
  host.produce("sensor.locked", { up: 1 });
  expect(peer.take()).toEqual([]);
});

test("v3 sub that reuses a live id ends both", () => {
  const { host, peer } = connect();
  peer.ask(sub(1, "sensor.temp"));

  expect(peer.ask(sub(1, "app.readonly"))).toEqual([]);
  host.produce("sensor.temp", temperature(1));
  expect(peer.take()).toEqual([]);
  expect(peer.ask(sub(1, "app.readonly"))).toHaveLength(1);
});

test("v3 client that does not read finds what the ring lost as a gap in seq", () => {
  const { host, peer } = connect();
  peer.ask(sub(1, "sensor.temp"));
  peer.stopReading();
  for (let n = 1; n <= 100; n += 1) host.produce("sensor.temp", temperature(n));

  const events = peer.readAgain();

  expect(seqs(events)).toEqual(Array.from({ length: 16 }, (_, n) => 85 + n));
  expect(events[0]).toContain('"timestamp":85');
});

test("v2 seq does not show what the ring lost", () => {
  const { host, peer } = connect("2.0");
  peer.ask(sub(1, "sensor.temp"));
  peer.stopReading();
  for (let n = 1; n <= 100; n += 1) host.produce("sensor.temp", temperature(n));

  expect(seqs(peer.readAgain())).toEqual(Array.from({ length: 16 }, (_, n) => n + 1));
});

test("v3 keeps at most 256 events for a connection and shows the rest as a gap", () => {
  const buffer = { kind: "spmc_ring", capacity: 512 } as const;
  const origin = { kind: "source" } as const;
  const { host, peer } = connect("3.0", [
    { key: "fast", typeName: "x::Fast", shape: "u64", buffer, origin },
  ]);
  peer.ask(sub(1, "fast"));
  peer.stopReading();
  for (let n = 1; n <= 400; n += 1) host.produce("fast", n);

  expect(seqs(peer.readAgain())).toEqual(Array.from({ length: 256 }, (_, n) => n + 1));
  host.produce("fast", 401);
  expect(seqs(peer.take())).toEqual([401]);
});

test("v3 remote subscriber takes a mailbox's message before the application", () => {
  const { host, peer } = connect();
  peer.ask(sub(1, "device.command"));

  host.produce("device.command", { op: "go", n: 1 });

  expect(peer.take()).toEqual(['{"t":"event","seq":1,"sub":"1","data":{"op":"go","n":1}}']);
  expect(host.host.database.find("device.command")?.lastTapped).toBeUndefined();
});

test("v3 disconnect gives the readers back", () => {
  const { host, peer } = connect();
  peer.ask(sub(1, "app.*"));
  const buffer = host.host.database.find("app.readonly")?.buffer;
  expect(buffer?.occupancy()).toBe(1);

  peer.disconnect();

  expect(buffer?.occupancy()).toBe(0);
});
