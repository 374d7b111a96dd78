import { once } from "node:events";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { receivedBytes, sentBytes } from "../../../relay/traffic/frame-bytes.ts";

test.each([1, 125, 126, 65_535, 65_536])(
  "a message of %i characters is counted as its socket counts it",
  async (length) => {
    const sockets: Socket[] = [];
    const wsServer = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    const http = createServer();
    http.on("upgrade", (request, socket: Socket, head) => {
      sockets.push(socket);
      wsServer.handleUpgrade(request, socket, head, (peer) => {
        peer.on("message", (data: Buffer) => peer.send(data.toString("utf8")));
      });
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as { port: number };
    const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await once(client, "open");
    const [socket] = sockets;
    const before = { read: socket?.bytesRead ?? 0, written: socket?.bytesWritten ?? 0 };
    const text = "x".repeat(length);
    client.send(text);
    await once(client, "message");

    expect((socket?.bytesRead ?? 0) - before.read).toBe(sentBytes(text));
    expect((socket?.bytesWritten ?? 0) - before.written).toBe(receivedBytes(text));
    client.terminate();
    http.close();
  },
);

test("what is not ASCII is counted as UTF-8", () => {
  expect(receivedBytes("°")).toBe(4);
});
