/** A relay in a few lines: dials, greets, announces, answers by script, keeps what it was sent. */
import { encodeFrame, parseWorkerFrame, type WorkerFrame } from "#shared/link/frame.ts";
import type { ErrorCode, FailureDetails } from "#shared/failure.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { Hello } from "#shared/link/hello.ts";
import type { AnnouncedInstance, Inventory } from "#shared/link/inventory.ts";
import type { Method } from "#shared/link/method.ts";
import type { RememberedWrite } from "#shared/link/outcomes.ts";
import type { Reply, Request as LinkRequest } from "#shared/link/request.ts";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { vi } from "vitest";
import { relayOf } from "../../../worker/relay/stub.ts";
import { Arrivals } from "./arrivals.ts";
import { announced } from "./builders.ts";
import { createDialToken, type Device } from "./device.ts";
import { bearer, bindings, fetchWorker } from "./worker.ts";

/** Undefined leaves the call unanswered. */
export type Script = (request: LinkRequest) => JsonValue | Refused | undefined;

export class Refused {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: FailureDetails | undefined;
  constructor(code: ErrorCode, message: string, details?: FailureDetails) {
    this.code = code;
    this.message = message;
    this.details = details;
  }
}

export function dial(token: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetchWorker("/relay", {
    headers: {
      upgrade: "websocket",
      "sec-websocket-protocol": LINK_SUBPROTOCOL,
      ...bearer(token),
      ...headers,
    },
  });
}

export const HELLO: Hello = {
  t: "hello",
  versions: { min: 1, max: 1 },
  relay_version: "0.1.0",
  clock_ms: 0,
};

const open = new Set<ScriptedRelay>();

/** Sockets that outlive their test would be cut by the next reset. */
export async function closeRelays(): Promise<void> {
  await Promise.all([...open].map((relay) => relay.end()));
}

export class ScriptedRelay {
  readonly #socket: WebSocket;
  readonly #frames = new Arrivals<WorkerFrame>();
  readonly #texts = new Arrivals<string>();
  readonly #closes = new Arrivals<{ code: number; reason: string }>();
  readonly #ended: Promise<void>;
  script: Script = () => undefined;
  /** As the worker named it, once greeted. */
  session = "";
  /** What the next dial should show, once greeted. */
  continuity = "";
  /** What the device file says of confirmations. */
  confirmWrites: Inventory["confirm_writes"] = "never";

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#onMessage(String(data)));
    this.#ended = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => {
        this.#closes.push({ code, reason });
        open.delete(this);
        socket.close();
        resolve();
      });
    });
    socket.accept();
    open.add(this);
  }

  static from({ webSocket, status }: Response): ScriptedRelay {
    if (webSocket === null) throw new Error(`The dial was refused: ${status}`);
    return new ScriptedRelay(webSocket);
  }

  /** An open socket that said nothing yet. */
  static async dial(device: Device): Promise<ScriptedRelay> {
    return ScriptedRelay.from(await dial(await createDialToken(device)));
  }

  /** Greeted, and its inventory is known to the Worker. */
  static async connect(
    device: Device,
    instances: readonly AnnouncedInstance[] = [announced()],
    hello: Partial<Hello> = {},
  ): Promise<ScriptedRelay> {
    const relay = await ScriptedRelay.dial(device);
    await relay.greet(hello);
    await relay.announce(device, instances);
    return relay;
  }

  async greet(hello: Partial<Hello> = {}): Promise<Extract<WorkerFrame, { t: "welcome" }>> {
    this.send(encodeFrame({ ...HELLO, ...hello }));
    const frame = await this.nextFrame("welcome");
    if (frame.t !== "welcome") throw new Error("The greeting was not answered");
    this.session = frame.session;
    this.continuity = frame.continuity ?? "";
    return frame;
  }

  /** Resolves when the relay object has it, since nothing on the link says so. */
  async announce(
    device: Device,
    instances: readonly AnnouncedInstance[],
    skipped: Inventory["skipped"] = [],
  ): Promise<void> {
    const inventory: Inventory = {
      t: "inventory",
      confirm_writes: this.confirmWrites,
      instances: [...instances],
      skipped,
    };
    this.send(encodeFrame(inventory));
    const names = instances.map(({ name }) => name);
    await vi.waitFor(async () => {
      const known = await relayOf(bindings, device.relay_id).describe({ team: device.team.id });
      const knownNames = known?.instances.map(({ name }) => name) ?? [];
      if (String(knownNames) !== String(names) || known?.skipped.length !== skipped.length) {
        throw new Error("The inventory has not arrived");
      }
    });
  }

  nextFrame(t: WorkerFrame["t"]): Promise<WorkerFrame> {
    return this.#frames.next(`${t} frame`, { fits: (frame) => frame.t === t });
  }

  /** Only without a script, which takes the requests. */
  async nextRequest(method?: Method): Promise<LinkRequest> {
    const fits = (frame: WorkerFrame) =>
      frame.t === "req" && (method === undefined || frame.method === method);
    const frame = await this.#frames.next("request", { fits });
    if (frame.t !== "req") throw new Error("Not a request");
    return frame;
  }

  /** A text that is no frame: the answer to a heartbeat. */
  nextText(): Promise<string> {
    return this.#texts.next("text");
  }

  closed(waitMs?: number): Promise<{ code: number; reason: string }> {
    return this.#closes.next("close", waitMs === undefined ? {} : { waitMs });
  }

  /** Frames that came and were not taken. */
  get untakenFrames(): number {
    return this.#frames.count;
  }

  send(message: string | ArrayBuffer): void {
    this.#socket.send(message);
  }

  reply(request: LinkRequest, ok: JsonValue, change: Partial<Reply> = {}): void {
    const { id, instance } = request;
    this.send(encodeFrame({ t: "reply", id, instance, ok, ...change }));
  }

  refuse({ id, instance }: LinkRequest, { code, message, details }: Refused): void {
    this.send(encodeFrame({ t: "reply", id, instance, err: code, message, details }));
  }

  /** What the relay remembers of writes. */
  tell(writes: RememberedWrite[]): void {
    this.send(encodeFrame({ t: "outcomes", writes }));
  }

  close(code = 1000): void {
    this.#socket.close(code);
  }

  end(): Promise<void> {
    this.close();
    return this.#ended;
  }

  /** Without a goodbye, as where it was killed or its line broke. */
  break(): Promise<void> {
    this.close(3_000);
    return this.#ended;
  }

  #onMessage(message: string): void {
    for (const text of message.split("\n")) this.#onText(text);
  }

  #onText(text: string): void {
    const frame = parseWorkerFrame(text);
    if (!frame.ok) {
      this.#texts.push(text);
      return;
    }
    const answer = frame.value.t === "req" ? this.script(frame.value) : undefined;
    if (frame.value.t !== "req" || answer === undefined) this.#frames.push(frame.value);
    else if (answer instanceof Refused) this.refuse(frame.value, answer);
    else this.reply(frame.value, answer);
  }
}
