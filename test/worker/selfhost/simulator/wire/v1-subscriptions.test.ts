import { expect, test } from "vitest";
import { DrivenHost, greeted } from "../driven-host.ts";

function subscribe(name: string): string {
  return `{"id":1,"method":"record.subscribe","params":{"name":"${name}"}}`;
}

function unsubscribe(id: string): string {
  return `{"id":1,"method":"record.unsubscribe","params":{"subscription_id":"${id}"}}`;
}

function idIn(lines: readonly string[]): string | undefined {
  return /"subscription_id":"(.*?)"/.exec(lines[0] ?? "")?.[1];
}

function connect() {
  const host = new DrivenHost({ aimx: "1.0" });
  return { host, peer: greeted(host) };
}

test("v1 subscription is answered with its id and the host's queue size", () => {
  expect(connect().peer.ask(subscribe("sensor.temp"))).toEqual([
    '{"id":1,"result":{"queue_size":8,"subscription_id":"sub-1"}}',
  ]);
});

test("v1 event carries what was produced, a sequence and the host's time", () => {
  const { host, peer } = connect();
  peer.ask(subscribe("sensor.temp"));

  host.produce("sensor.temp", { sensor_id: "s", celsius: 22.4, timestamp: 5 });

  expect(peer.take()).toEqual([
    '{"event":{"data":{"celsius":22.399999618530273,"sensor_id":"s","timestamp":5},"sequence":1,' +
      '"subscription_id":"sub-1","timestamp":"1795171712.139464581"}}',
  ]);
});

test("v1 subscription starts with the next production, not with the present value", () => {
  const { host, peer } = connect();
  host.produce("sensor.locked", { up: 1 });

  expect(peer.ask(subscribe("sensor.locked"))).toHaveLength(1);
});

test("v1 subscription numbers advance on a refused record, not on the cap", () => {
  const { peer } = connect();
  peer.ask(subscribe("nope"));
  for (let n = 0; n < 8; n += 1) peer.ask(subscribe("app.readonly"));
  expect(peer.ask(subscribe("app.readonly"))).toEqual([
    '{"id":1,"error":{"code":"too_many_subscriptions","message":"Maximum subscriptions reached: 8"}}',
  ]);
  peer.ask(unsubscribe("sub-2"));

  expect(idIn(peer.ask(subscribe("app.readonly")))).toBe("sub-10");
});

test("v1 unsubscribe is confirmed once", () => {
  const { host, peer } = connect();
  peer.ask(subscribe("sensor.locked"));

  expect(peer.ask(unsubscribe("sub-1"))).toEqual([
    '{"id":1,"result":{"status":"cancelled","subscription_id":"sub-1"}}',
  ]);
  expect(peer.ask(unsubscribe("sub-1"))[0]).toContain("not_found");
  host.produce("sensor.locked", { up: 1 });
  expect(peer.take()).toEqual([]);
});

test("v1 queues every event for a client that does not read, each with its own time", () => {
  const { host, peer } = connect();
  peer.ask(subscribe("sensor.temp"));
  peer.stopReading();
  for (let n = 0; n < 1000; n += 1) {
    host.advanceMs(1);
    host.produce("sensor.temp", { sensor_id: "s", celsius: 1, timestamp: n });
  }

  const events = peer.readAgain();

  expect(events).toHaveLength(1000);
  expect(events[999]).toContain('"sequence":1000');
  expect(new Set(events.map((event) => /"timestamp":"(.*?)"/.exec(event)?.[1])).size).toBe(1000);
});

test("v1 application takes a mailbox's message before a remote subscriber", () => {
  const { host, peer } = connect();
  peer.ask(subscribe("device.command"), subscribe("device.idle"));

  host.produce("device.command", { op: "go", n: 1 });
  host.produce("device.idle", { op: "idle", n: 2 });

  expect(peer.take()).toEqual([expect.stringContaining('"op":"idle"')]);
});

test("v1 disconnect gives the readers back", () => {
  const { host, peer } = connect();
  peer.ask(subscribe("sensor.locked"));
  const buffer = host.host.database.find("sensor.locked")?.buffer;
  expect(buffer?.occupancy()).toBe(1);

  peer.disconnect();

  expect(buffer?.occupancy()).toBe(0);
});
