import { expect, test } from "vitest";
import { connectTo, greetedBy, start } from "./simulator-fixture.ts";

const PING = '{"t":"ping"}';
const PONG = '{"t":"pong"}';
const SUBSCRIBE = '{"t":"sub","id":1,"topic":"sensor.locked"}';
const SET =
  '{"t":"req","id":2,"method":"record.set","params":{"name":"app.settings","value":["x",1]}}';
const GET = '{"t":"req","id":3,"method":"record.get","params":{"name":"app.settings"}}';
const STORED = '{"t":"reply","id":3,"ok":{"log_level":"x","max":1}}';

test("a hanging simulator accepts and says nothing until it recovers", async () => {
  const simulator = await start({ aimx: "3.0", faults: { hang: true } });
  const client = await connectTo(simulator.socketPath);
  client.send(PING);
  await connectTo(simulator.socketPath);
  expect(client.waiting).toEqual([]);

  simulator.setFaults({});

  expect(await client.line()).toBe(PONG);
});

test("a v1 simulator loses half a line when it sends an event, and says so for the rest", async () => {
  const simulator = await start({ aimx: "1.0", faults: { dropHalfLines: true } });
  const client = await greetedBy(simulator.socketPath);
  await client.ask('{"id":1,"method":"record.subscribe","params":{"name":"sensor.locked"}}');
  const other = await greetedBy(simulator.socketPath);
  client.sendText('{"id":2,"meth');
  // The host reads its sockets in turn: when the other is answered, the half line has arrived.
  await other.ask('{"id":1,"method":"ping"}');

  simulator.produce("sensor.locked", { up: 1 });
  expect(await client.line()).toContain('"event"');
  client.sendText('od":"ping"}\n');

  expect(await client.line()).toContain('{"id":0,"error":{"code":"parse_error"');
});

test("a v3 simulator loses half a line when it sends an event, in silence", async () => {
  const simulator = await start({ aimx: "3.0", faults: { dropHalfLines: true } });
  const client = await connectTo(simulator.socketPath);
  client.send(SUBSCRIBE, PING);
  await client.line();
  const other = await connectTo(simulator.socketPath);
  client.sendText('{"t":"pi');
  await other.ask(PING);

  simulator.produce("sensor.locked", { up: 1 });
  expect(await client.line()).toContain('"t":"event"');
  client.send('ng"}', GET);

  expect(await client.line()).toContain('"id":3');
});

test("a slow simulator holds back everything behind a delayed reply", async () => {
  const simulator = await start({
    aimx: "3.0",
    faults: { replyDelayMs: 30, delayedMethod: "record.get" },
  });
  const client = await connectTo(simulator.socketPath);
  const startedAt = performance.now();
  client.send(GET, PING);

  expect(await client.line()).toContain('"id":3');
  expect(performance.now() - startedAt).toBeGreaterThan(25);
  expect(await client.line()).toBe(PONG);
});

test("a simulator carries out what it does not answer", async () => {
  const simulator = await start({ aimx: "3.0", faults: { unansweredMethod: "record.set" } });
  const client = await connectTo(simulator.socketPath);
  client.send(SET, GET);

  expect(await client.line()).toBe(STORED);
  expect(simulator.requestCounts.get("record.set")).toBe(1);
});

test("a simulator swallows one reply of a connection", async () => {
  const simulator = await start({ aimx: "3.0", faults: { swallowReply: 2 } });
  const client = await connectTo(simulator.socketPath);
  client.send(PING, SET, GET);

  expect(await client.line()).toBe(PONG);
  expect(await client.line()).toBe(STORED);
});

test("a simulator ends in the middle of a frame", async () => {
  const simulator = await start({ aimx: "3.0", faults: { cutReply: 2 } });
  const client = await connectTo(simulator.socketPath);
  client.send(PING, SET);

  expect(await client.line()).toBe(PONG);
  await client.ended();
  expect(client.rest).toBe('{"t":"reply","id":2,"ok":{"status":"succ');
});

test("a simulator closes after a set that it has carried out", async () => {
  const simulator = await start({ aimx: "3.0", faults: { closeOnSet: true } });
  const client = await connectTo(simulator.socketPath);
  client.send(SET);
  await client.ended();

  expect(client.waiting).toEqual([]);
  expect(await (await connectTo(simulator.socketPath)).ask(GET)).toBe(STORED);
});

test("a simulator sends a line as long as it is told", async () => {
  const bytes = 3_000_000;
  const simulator = await start({
    aimx: "3.0",
    faults: { oversizeLine: { beforeReply: 1, bytes } },
  });
  const client = await connectTo(simulator.socketPath);

  expect(await client.ask(PING)).toHaveLength(bytes);
  expect(await client.line()).toBe(PONG);
});

test("a simulator sends garbage before a reply", async () => {
  const garbageLine = { beforeReply: 2, text: "}{" };
  const simulator = await start({ aimx: "3.0", faults: { garbageLine } });
  const client = await connectTo(simulator.socketPath);
  client.send(PING, PING);

  expect([await client.line(), await client.line(), await client.line()]).toEqual([
    PONG,
    "}{",
    PONG,
  ]);
});

test("a simulator cuts every connection on demand and accepts new ones", async () => {
  const simulator = await start({ aimx: "3.0" });
  const client = await connectTo(simulator.socketPath);
  await client.ask(PING);

  simulator.dropConnections();

  await client.ended();
  expect(await (await connectTo(simulator.socketPath)).ask(PING)).toBe(PONG);
});
