import { join } from "node:path";
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { askRelay } from "../../../relay/control/ask-relay.ts";
import { MAX_ANSWER_BYTES, type ControlRequest } from "../../../relay/control/request.ts";
import { connectHost, type ConnectHost } from "../../../relay/instances/host/connect.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { until } from "../support/until.ts";

async function listener(onConnection: (socket: Socket) => void): Promise<string> {
  const path = join(await freshFolder(), "s");
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return path;
}

function ask(path: string, { clock = new ManualClock(), connect = connectHost } = {}) {
  return askRelay({ ask: "status" }, { path, connect, clock });
}

test("askRelay gives what the relay answered", async () => {
  const path = await listener((socket) => {
    socket.once("data", (chunk: Buffer) => {
      expect(chunk.toString()).toBe('{"ask":"status"}\n');
      socket.write('{"ok":');
      socket.end('{"a":1}}\n');
    });
  });
  expect(await ask(path)).toEqual({ ok: true, value: { a: 1 } });
});

test.each([
  ["<html>", "its answer was not understood"],
  ["", "its answer was not understood"],
  ["[]", "its answer was not understood"],
])("askRelay says why there is no answer: %j", async (text, reason) => {
  const path = await listener((socket) => socket.end(text));
  expect(await ask(path)).toEqual({ ok: false, error: { type: "failed", reason } });
});

test("askRelay tells apart that the relay refuses", async () => {
  const path = await listener((socket) => socket.end('{"error":"not now"}\n'));
  expect(await ask(path)).toEqual({ ok: false, error: { type: "refused", reason: "not now" } });
});

test("askRelay takes no endless answer", async () => {
  const path = await listener((socket) => {
    socket.on("error", () => {});
    socket.end("x".repeat(MAX_ANSWER_BYTES + 1));
  });
  expect(await ask(path)).toMatchObject({ error: { reason: "its answer is too long" } });
});

test.each<[ControlRequest, number]>([
  [{ ask: "status" }, 5],
  [{ ask: "decide", id: "0".repeat(32), approve: true }, 25],
])("askRelay waits for %j no longer than %d seconds", async (request, seconds) => {
  const clock = new ManualClock();
  let connections = 0;
  const path = await listener(() => {
    connections += 1;
  });
  const asked = askRelay(request, { path, connect: connectHost, clock });
  await until("the connection", () => connections === 1);

  clock.advance(seconds * 1_000 - 1);
  expect(clock.isDueIn(1)).toBe(true);
  clock.advance(1);

  const reason = `it did not answer within ${seconds} s`;
  expect(await asked).toMatchObject({ error: { type: "failed", reason } });
});

test("askRelay waits for a decision as long as its write may take", async () => {
  const clock = new ManualClock();
  const sockets: Socket[] = [];
  const path = await listener((socket) => sockets.push(socket));
  const request = { ask: "decide", id: "0".repeat(32), approve: true } as const;
  const asked = askRelay(request, { path, connect: connectHost, clock });
  await until("the connection", () => sockets.length === 1);

  clock.advance(19_000);
  sockets[0]?.end('{"ok":1}\n');

  expect(await asked).toEqual({ ok: true, value: 1 });
});

test("askRelay tells that no relay runs", async () => {
  const folder = await freshFolder();
  expect(await ask(join(folder, "none"))).toEqual({ ok: false, error: { type: "not_running" } });
});

test.each([
  ["EACCES", "not_allowed"],
  ["ECONNREFUSED", "not_running"],
])("askRelay reads %s as %s", async (errorCode, type) => {
  const connect: ConnectHost = (_path, { onClose }) => {
    queueMicrotask(() => onClose(errorCode));
    return { write: () => {}, destroy: () => {} };
  };
  expect(await ask("/s", { connect })).toEqual({ ok: false, error: { type } });
});
