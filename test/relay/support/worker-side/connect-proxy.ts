/** An HTTP proxy as companies have it: tunnels on CONNECT, and keeps what it was told. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

interface Tunnel {
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ConnectProxy {
  readonly url: string;
  readonly tunnels: readonly Tunnel[];
  /** Connections to it that have not ended. */
  readonly open: ReadonlySet<Socket>;
}

/** Whatever name is asked for, the tunnel leads to `to`, a port of this machine, unless it is refused or never answered. */
export async function startProxy(to: number | "refused" | "unanswered"): Promise<ConnectProxy> {
  const tunnels: Tunnel[] = [];
  const open = new Set<Socket>();
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  server.on("connect", ({ url = "", headers }, client) => {
    tunnels.push({ target: url, headers });
    client.on("error", () => client.destroy());
    if (to === "unanswered") {
      client.resume().on("end", () => client.destroy());
      return;
    }
    if (to === "refused") {
      client.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const upstream = connect(to, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of [...open, ...sockets]) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels, open };
}
