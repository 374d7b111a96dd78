// The bare way, from the same platform parts: HTTP, Worker, Durable Object, hibernatable WebSocket. No MCP, no
// tokens, no schemas. `?coalesce`: the frames of one turn go as one message. `?tunnels=50`: asks as many,
// named by their numbers, all at once.
import { DurableObject } from "cloudflare:workers";

export class Tunnel extends DurableObject {
  pending = new Map();
  outbox = [];
  next = 0;

  async fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  ask(body, coalesce) {
    const id = (this.next += 1);
    const frame = JSON.stringify({ id, body });
    const answer = new Promise((resolve) => this.pending.set(id, resolve));
    if (coalesce) this.queue(frame);
    else this.ctx.getWebSockets()[0].send(frame);
    return answer;
  }

  queue(frame) {
    this.outbox.push(frame);
    if (this.outbox.length > 1) return;
    setTimeout(() => {
      const frames = this.outbox.splice(0);
      this.ctx.getWebSockets()[0].send(frames.join("\n"));
    }, 0);
  }

  webSocketMessage(_socket, message) {
    for (const line of message.split("\n")) {
      const { id, body } = JSON.parse(line);
      this.pending.get(id)?.(body);
      this.pending.delete(id);
    }
  }

  webSocketClose(socket, code) {
    socket.close(code);
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const tunnelAt = (path) => env.TUNNEL.get(env.TUNNEL.idFromName(path));
    if (request.headers.get("upgrade") === "websocket") return tunnelAt(pathname).fetch(request);
    const body = await request.json();
    const many = Number(searchParams.get("tunnels"));
    if (many > 0) {
      const asked = Array.from({ length: many }, (_, n) => tunnelAt(`/${n}`).ask(body, false));
      return Response.json(await Promise.all(asked));
    }
    return Response.json(await tunnelAt(pathname).ask(body, searchParams.has("coalesce")));
  },
};
