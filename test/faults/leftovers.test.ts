import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectionsFrom, connectionsTo, leftBehind, type State } from "./leftovers.ts";

const LINK = { calls_under_way: 0 };
const INSTANCE = { name: "plant", breaker: "closed" } as const;
const RELAY = { connected: true, status: "active", clone_suspected: null };
const WELL: State = {
  relay: { link: LINK, instances: [INSTANCE] },
  relays: [RELAY],
  linkEnds: 1,
  workerLinkEnds: 1,
  hostConnections: 4,
  acceptedTokens: 0,
};

test("nothing is left behind by a relay that only has its link and its host", () => {
  expect(leftBehind(WELL)).toEqual([]);
});

test.each<[string, Partial<State>, RegExp]>([
  ["a call", { relay: { link: { calls_under_way: 1 }, instances: [] } }, /1 calls are under way/],
  [
    "an open breaker",
    { relay: { link: LINK, instances: [{ ...INSTANCE, breaker: "open" }] } },
    /breaker of plant is open/,
  ],
  ["an old link", { linkEnds: 2 }, /2 links of the relay/],
  ["an old link of the worker", { workerLinkEnds: 2 }, /2 links of the worker/],
  ["a connection to the host", { hostConnections: 5 }, /5 connections to the host/],
  ["a revoked token that is accepted", { acceptedTokens: 1 }, /1 revoked tokens/],
  ["a relay that is away", { relays: [{ ...RELAY, connected: false }] }, /not connected/],
  ["a relay that is suspended", { relays: [{ ...RELAY, status: "suspended" }] }, /suspended/],
  ["a suspicion", { relays: [{ ...RELAY, clone_suspected: {} }] }, /second device is suspected/],
])("%s is found", (_name, part, problem) => {
  expect(leftBehind({ ...WELL, ...part })).toEqual([expect.stringMatching(problem)]);
});

test("connections to a socket are counted while they are open", async () => {
  const folder = await mkdtemp(join(tmpdir(), "aimdb-leftovers-"));
  const path = join(folder, "plant.sock");
  const server = createServer();
  server.listen(path);
  await once(server, "listening");
  const socket = connect(path);
  await once(server, "connection");

  expect(connectionsTo(path)).toBe(1);
  const closed = once(socket, "close");
  socket.destroy();
  await closed;
  server.close();
  await once(server, "close");
  expect(connectionsTo(path)).toBe(0);
  await rm(folder, { recursive: true, force: true });
});

test("connections from a port are counted until the end that accepted them has closed too", async () => {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, "127.0.0.1");
  const [accepted] = (await once(server, "connection")) as [Socket];
  const from = new Set([socket.localPort ?? 0]);
  const count = () => connectionsFrom(from, port);

  expect([count(), connectionsFrom(new Set(), port)]).toEqual([1, 0]);
  accepted.resume();
  socket.end();
  await once(accepted, "end");
  expect(count()).toBe(1);
  const closed = once(accepted, "close");
  accepted.end();
  await closed;
  expect(count()).toBe(0);
  server.close();
});
