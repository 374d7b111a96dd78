import { stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { AimxVersion } from "../../../../worker/selfhost/simulator/host-config.ts";
import { connectTo, freshSocketPath, greetedBy, start } from "./simulator-fixture.ts";

const PING = '{"t":"ping"}';
const PONG = '{"t":"pong"}';

function get(name: string): string {
  return `{"t":"req","id":1,"method":"record.get","params":{"name":"${name}"}}`;
}

function temperature(timestamp: number) {
  return { sensor_id: "s", celsius: 20, timestamp };
}

test("a simulator serves AimX v1", async () => {
  const { socketPath } = await start({ aimx: "1.0" });
  const client = await greetedBy(socketPath);

  expect(
    await client.ask('{"id":1,"method":"record.get","params":{"record":"app.readonly"}}'),
  ).toBe('{"id":1,"result":{"up":7}}');
});

test.each<AimxVersion>(["2.0", "3.0"])("a simulator serves AimX %s", async (aimx) => {
  const { socketPath } = await start({ aimx });
  const client = await connectTo(socketPath);

  expect(await client.ask(get("app.readonly"))).toBe('{"t":"reply","id":1,"ok":{"up":7}}');
});

test("a simulator's socket is for its owner only", async () => {
  const { socketPath } = await start({ aimx: "3.0" });

  expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
});

test("a simulator shows what a test produces to every subscriber", async () => {
  const simulator = await start({ aimx: "3.0" });
  const clients = [await connectTo(simulator.socketPath), await connectTo(simulator.socketPath)];
  for (const client of clients) {
    client.send('{"t":"sub","id":1,"topic":"sensor.temp"}', PING);
    expect(await client.line()).toBe(PONG);
  }

  simulator.produce("sensor.temp", temperature(5));

  for (const client of clients) {
    expect(await client.line()).toBe(
      '{"t":"event","seq":1,"sub":"1","data":{"sensor_id":"s","celsius":20.0,"timestamp":5}}',
    );
  }
});

test("a simulator shows one client's write to another", async () => {
  const { socketPath } = await start({ aimx: "3.0" });
  const [reader, writer] = [await connectTo(socketPath), await connectTo(socketPath)];
  reader.send('{"t":"sub","id":1,"topic":"app.settings"}', PING);
  await reader.line();

  writer.send('{"t":"write","topic":"app.settings","payload":{"log_level":"x","max":1}}');

  expect(await reader.line()).toContain('"data":{"log_level":"x","max":1}');
});

test("a simulator's sources produce by themselves, the first sample before it is ready", async () => {
  const { socketPath } = await start({ aimx: "3.0", periodMs: 5 });
  const client = await connectTo(socketPath);
  client.send(
    '{"t":"sub","id":1,"topic":"sensor.locked"}',
    '{"t":"sub","id":2,"topic":"sensor.temp"}',
  );

  expect(await client.line()).toMatch(/"seq":1,"sub":"1","data":\{"up":\d+\}/);
  const next = [await client.line(), await client.line(), await client.line()];
  expect(next.join("")).toContain('"sub":"2"');
  expect(next.join("")).toContain('"celsius":');
});

test("a simulator stamps v1 events with the clock it was given", async () => {
  const simulator = await start({ aimx: "1.0", clock: () => 1_795_171_712_000_000_042n });
  const client = await greetedBy(simulator.socketPath);
  await client.ask('{"id":1,"method":"record.subscribe","params":{"name":"sensor.locked"}}');

  simulator.produce("sensor.locked", { up: 1 });

  expect(await client.line()).toContain('"timestamp":"1795171712.000000042"');
});

test("a v3 simulator accepts and drops connections over its cap", async () => {
  const simulator = await start({ aimx: "3.0", config: { maxConnections: 2 } });
  const [first, second] = [
    await connectTo(simulator.socketPath),
    await connectTo(simulator.socketPath),
  ];
  await first.ask(PING);
  await second.ask(PING);

  const third = await connectTo(simulator.socketPath);

  await third.ended();
  expect(third.waiting).toEqual([]);
  expect(simulator).toMatchObject({ connectionCount: 2, acceptedCount: 3, refusedCount: 1 });
});

test("a v1 simulator does not enforce its cap", async () => {
  const simulator = await start({ aimx: "1.0", config: { maxConnections: 1 } });
  await greetedBy(simulator.socketPath);
  await greetedBy(simulator.socketPath);

  expect(simulator.connectionCount).toBe(2);
});

test("a simulator answers a client that has ended its side, then closes", async () => {
  const { socketPath } = await start({ aimx: "3.0" });
  const client = await connectTo(socketPath);
  client.send(PING);
  client.end();

  expect(await client.line()).toBe(PONG);
  expect(await client.ended()).toBe("end");
});

test("a v3 simulator drops events for a client that does not read, and shows the gap", async () => {
  const simulator = await start({ aimx: "3.0" });
  const client = await connectTo(simulator.socketPath);
  client.send('{"t":"sub","id":1,"topic":"sensor.temp"}', PING);
  await client.line();
  client.stopReading();
  const produced = 50_000;
  for (let n = 1; n <= produced; n += 1) simulator.produce("sensor.temp", temperature(n));

  client.readAgain();

  const seqs: number[] = [];
  while (seqs.at(-1) !== produced) {
    seqs.push(Number(/"seq":(\d+)/.exec(await client.line())?.[1]));
  }
  expect(seqs.length).toBeLessThan(produced);
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
});

test("a v1 simulator keeps every event for a client that does not read", async () => {
  const simulator = await start({ aimx: "1.0" });
  const client = await greetedBy(simulator.socketPath);
  await client.ask('{"id":1,"method":"record.subscribe","params":{"name":"sensor.temp"}}');
  client.stopReading();
  for (let n = 1; n <= 10_000; n += 1) simulator.produce("sensor.temp", temperature(n));

  client.readAgain();

  for (let n = 1; n <= 10_000; n += 1) {
    expect(await client.line()).toContain(`"sequence":${n},`);
  }
});

test("a simulator starts again at the same path with fresh records", async () => {
  const first = await start({ aimx: "3.0" });
  first.produce("app.settings", { log_level: "x", max: 1 });
  const client = await connectTo(first.socketPath);
  await client.ask(PING);
  await first.close();
  expect(await client.ended()).toBe("end");

  const second = await start({ aimx: "3.0", socketPath: first.socketPath });

  const again = await connectTo(second.socketPath);
  expect(await again.ask(get("app.settings"))).toContain("not_found");
});

test("a simulator that closes removes its socket file", async () => {
  const simulator = await start({ aimx: "3.0" });
  await simulator.close();

  await expect(stat(simulator.socketPath)).rejects.toThrow("ENOENT");
});

test("a simulator can leave a stale socket file, which the next one takes over", async () => {
  const simulator = await start({ aimx: "3.0" });
  await simulator.close({ leaveSocketFile: true });

  expect((await stat(simulator.socketPath)).isSocket()).toBe(true);
  await expect(connectTo(simulator.socketPath)).rejects.toThrow("ECONNREFUSED");
  await start({ aimx: "3.0", socketPath: simulator.socketPath });
  expect(await (await connectTo(simulator.socketPath)).ask(PING)).toBe(PONG);
});

test("a simulator takes the path of a live one, whose end leaves the newcomer alone", async () => {
  const first = await start({ aimx: "3.0" });
  await start({ aimx: "3.0", socketPath: first.socketPath });

  await first.close();

  expect(await (await connectTo(first.socketPath)).ask(PING)).toBe(PONG);
});

test("a simulator replaces a plain file at its path", async () => {
  const socketPath = await freshSocketPath();
  await writeFile(socketPath, "not a socket");
  await start({ aimx: "3.0", socketPath });

  expect(await (await connectTo(socketPath)).ask(PING)).toBe(PONG);
});

test("a simulator that cannot listen says why", async () => {
  const socketPath = "/no/such/folder/x.sock";

  await expect(start({ aimx: "3.0", socketPath })).rejects.toThrow(socketPath);
});

test("a simulator counts the requests it carried out", async () => {
  const simulator = await start({ aimx: "3.0" });
  const client = await connectTo(simulator.socketPath);
  await client.ask(get("app.readonly"));
  await client.ask(get("app.readonly"));
  await client.ask(PING);

  expect([...simulator.requestCounts]).toEqual([
    ["record.get", 2],
    ["ping", 1],
  ]);
});
