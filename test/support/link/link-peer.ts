/** A relay that says what a test wants: enrolls with a key of its own, dials, and then misbehaves. */
import { createHash, randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { WebSocket } from "ws";
import { DIAL_TOKEN_TYPE, ENROLL_PROOF_TYPE } from "#shared/link/dial-token.ts";
import { ENROLL_PATH, LINK_PATH, type EnrollResponse } from "#shared/link/enrollment.ts";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";

const DEADLINE_MS = 10_000;

export const HELLO = {
  t: "hello",
  versions: { min: 1, max: 1 },
  relay_version: "0.0.0-test",
  clock_ms: 0,
};

/** What came back from one dial. */
export class LinkPeer {
  readonly #socket: WebSocket;
  readonly #texts: string[] = [];
  #closeCode: number | undefined;
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      // Frames of one turn go as one message.
      this.#texts.push(...data.toString("utf8").split("\n"));
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", (code) => {
      this.#closeCode = code;
      this.#wake();
    });
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.send(bytes);
  }

  async nextFrame(): Promise<Record<string, unknown>> {
    await this.#until(() => this.#texts.length > 0);
    return JSON.parse(this.#texts.shift() ?? "null");
  }

  /** Whichever comes first. */
  async nextFrameOrClose(): Promise<Record<string, unknown> | number> {
    await this.#until(() => this.#texts.length > 0 || this.#closeCode !== undefined);
    return this.#texts.length > 0 ? this.nextFrame() : this.closed();
  }

  async closed(): Promise<number> {
    await this.#until(() => this.#closeCode !== undefined);
    return this.#closeCode ?? 0;
  }

  close(): void {
    this.#socket.terminate();
  }

  async #until(isThere: () => boolean): Promise<void> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (!isThere()) {
      if (deadline.aborted) throw new Error("Nothing came over the link in time");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}

export class Device {
  readonly identity: EnrollResponse;
  readonly #worker: URL;
  readonly #sign: CryptoKey;

  private constructor(worker: URL, identity: EnrollResponse, sign: CryptoKey) {
    this.#worker = worker;
    this.identity = identity;
    this.#sign = sign;
  }

  static async enroll(worker: URL, joinToken: string, name: string): Promise<Device> {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
    const { kty, crv, x } = await exportJWK(publicKey);
    const join = createHash("sha256").update(joinToken).digest("hex");
    const proof = await new SignJWT({ join })
      .setProtectedHeader({ alg: "EdDSA", typ: ENROLL_PROOF_TYPE })
      .sign(privateKey);
    const response = await fetch(new URL(ENROLL_PATH, worker), {
      method: "POST",
      headers: { authorization: `Bearer ${joinToken}` },
      body: JSON.stringify({ name, public_key: { kty, crv, x }, proof }),
    });
    if (response.status !== 201) throw new Error(`enroll: ${await response.text()}`);
    return new Device(worker, (await response.json()) as EnrollResponse, privateKey);
  }

  token(issuedAt = Math.floor(Date.now() / 1000)): Promise<string> {
    const { relay_id, installation } = this.identity;
    return new SignJWT({
      iss: relay_id,
      sub: relay_id,
      aud: installation,
      iat: issuedAt,
      exp: issuedAt + 60,
      jti: randomBytes(16).toString("hex"),
    })
      .setProtectedHeader({ alg: "EdDSA", typ: DIAL_TOKEN_TYPE })
      .sign(this.#sign);
  }

  /** Resolves with the open link, or with the status and body that came instead. */
  async dial(token?: string): Promise<LinkPeer | { status: number; body: string }> {
    const url = new URL(LINK_PATH, this.#worker);
    url.protocol = "ws:";
    const socket = new WebSocket(url, LINK_SUBPROTOCOL, {
      headers: { authorization: `Bearer ${token ?? (await this.token())}` },
    });
    return new Promise((resolve, reject) => {
      socket.on("open", () => resolve(new LinkPeer(socket)));
      socket.on("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      });
      socket.on("error", reject);
    });
  }

  /** Dialed, greeted, and with one instance `plant` announced. */
  async link(): Promise<LinkPeer> {
    const peer = await this.dial();
    if (!(peer instanceof LinkPeer)) throw new Error(`dial: ${peer.status}`);
    peer.send(HELLO);
    await peer.nextFrame();
    peer.send({
      t: "inventory",
      confirm_writes: "never",
      instances: [
        { name: "plant", socket_path: "/p.sock", state: "up", record_count: 1, writable_count: 1 },
      ],
      skipped: [],
    });
    return peer;
  }
}
