/** A worker that greets and asks, over a real link. */
import type { WebSocket } from "ws";
import { HEARTBEAT_REQUEST } from "#shared/link/heartbeat.ts";
import type { Request } from "#shared/link/request.ts";
import { startLinkServer, type LinkServer } from "./link-server.ts";
import { requestOf } from "./link-request.ts";
import { until } from "../until.ts";

type Frame = Record<string, unknown>;

const WELCOME = { t: "welcome", version: 1, session: "s1", heartbeat_interval_ms: 10_000 };

export class PlayedWorker {
  readonly server: LinkServer;
  readonly frames: Frame[] = [];
  heartbeatCount = 0;
  /** False: as an older worker, which knows no drain. */
  answersDrain = true;
  /** Goes with the next welcomes; undefined: as an older worker. */
  continuity: string | undefined;

  private constructor(server: LinkServer) {
    this.server = server;
  }

  static async start(): Promise<PlayedWorker> {
    return new PlayedWorker(await startLinkServer());
  }

  /** The link of this number, from 1, greeted. */
  async link(number = 1): Promise<WebSocket> {
    const { sockets } = this.server;
    await until(`link ${number}`, () => sockets.length >= number);
    const socket = sockets[number - 1];
    if (socket === undefined) throw new Error("No link");
    socket.on("message", (data: Buffer) => {
      const text = data.toString();
      if (text === HEARTBEAT_REQUEST) {
        this.heartbeatCount += 1;
        return;
      }
      const frame = JSON.parse(text) as Frame;
      this.frames.push(frame);
      if (frame["t"] === "drain" && this.answersDrain) socket.send('{"t":"drained"}');
    });
    await until("hello", () => this.of("hello").length >= number);
    socket.send(JSON.stringify({ ...WELCOME, continuity: this.continuity }));
    await until("the inventory", () => this.of("inventory").length >= number);
    return socket;
  }

  async ask(socket: WebSocket, more: Partial<Request>): Promise<Frame> {
    const request = requestOf(more);
    socket.send(JSON.stringify(request));
    const isReply = ({ t, id }: Frame) => t === "reply" && id === request.id;
    await until("the reply", () => this.frames.some(isReply));
    return this.frames.find(isReply) ?? {};
  }

  of(t: string): Frame[] {
    return this.frames.filter((frame) => frame["t"] === t);
  }
}
