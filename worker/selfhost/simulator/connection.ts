/** One accepted socket: bytes into the session, lines out of it as fast as the peer takes them. */

import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import { planReply } from "./faults.ts";
import type { Faults } from "./faults.ts";
import type { Output, Session } from "./wire/session.ts";

export type ConnectionParts = {
  readonly socket: Socket;
  readonly session: Session;
  readonly clock: Clock;
  /** Asked anew each time: a test may change them while the host runs. */
  readonly faults: () => Faults;
  readonly onRequest: (method: string) => void;
  /** What the peer sent may concern other connections. */
  readonly onTurn: () => void;
  readonly onClose: () => void;
};

/** `blocked`: the kernel's buffer is full, so the session rests and nothing is read. */
type State =
  | { readonly name: "flowing" }
  | { readonly name: "blocked" }
  | { readonly name: "delaying"; readonly timer: NodeJS.Timeout }
  | { readonly name: "closed" };

const FLOWING: State = { name: "flowing" };

export class Connection {
  readonly #parts: ConnectionParts;
  #state: State = FLOWING;
  #replies = 0;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { socket, session } = parts;
    socket.on("data", (bytes) => {
      session.receive(bytes);
      this.pump();
      parts.onTurn();
    });
    socket.on("end", () => {
      session.receiveEnd();
      this.pump();
      parts.onTurn();
    });
    // The peer may vanish in the middle of a write; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#stop();
      session.close();
      parts.onClose();
    });
  }

  /** Sends what the session has to say. */
  pump(): void {
    const { session, clock, faults } = this.#parts;
    if (this.#state.name === "closed" || faults().hang === true) return;
    session.wake(clock());
    while (this.#state.name === "flowing") {
      const output = session.next(clock());
      if (output === undefined) return;
      this.#perform(output);
    }
  }

  destroy(): void {
    this.#stop();
    this.#parts.socket.destroy();
  }

  #perform(output: Output): void {
    switch (output.type) {
      case "close":
        this.#end("");
        return;
      case "push":
        if (this.#parts.faults().dropHalfLines === true) this.#parts.session.dropHalfLine();
        this.#send(output.text);
        return;
      default:
        this.#reply(output.text, output.method);
    }
  }

  #reply(text: string, method: string): void {
    this.#replies += 1;
    this.#parts.onRequest(method);
    const plan = planReply(this.#parts.faults(), { number: this.#replies, method });
    for (const line of plan.before) this.#send(line);
    const finish = (): void => {
      if (plan.fate === "send") this.#send(text);
      else if (plan.fate === "cut") this.#end(text.slice(0, text.length / 2));
      else if (plan.fate === "close") this.destroy();
    };
    if (plan.delayMs === 0) finish();
    else this.#delay(plan.delayMs, finish);
  }

  #delay(delayMs: number, finish: () => void): void {
    const timer = setTimeout(() => {
      this.#state = FLOWING;
      this.#parts.socket.resume();
      finish();
      this.pump();
      this.#parts.onTurn();
    }, delayMs);
    this.#state = { name: "delaying", timer };
  }

  /** In two writes, like the hosts: a client must wait for the newline. */
  #send(text: string): void {
    const { socket } = this.#parts;
    socket.write(text);
    socket.write("\n", this.#onFlushed);
    if (socket.writableLength > 0 && this.#state.name === "flowing") {
      this.#state = { name: "blocked" };
      socket.pause();
    }
  }

  readonly #onFlushed = (): void => {
    const { socket, onTurn } = this.#parts;
    if (this.#state.name !== "blocked" || socket.writableLength > 0) return;
    this.#state = FLOWING;
    socket.resume();
    this.pump();
    onTurn();
  };

  /** Hosts close both directions at once. */
  #end(rest: string): void {
    this.#stop();
    this.#parts.socket.end(rest);
    this.#parts.socket.destroySoon();
  }

  #stop(): void {
    if (this.#state.name === "delaying") clearTimeout(this.#state.timer);
    this.#state = { name: "closed" };
  }
}
