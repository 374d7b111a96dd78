/** A host without sockets whose clock and sources a test drives. */

import { Database } from "../../../../worker/selfhost/simulator/database/database.ts";
import { demoRecords } from "../../../../worker/selfhost/simulator/database/demo-records.ts";
import type { RecordDefinition } from "../../../../worker/selfhost/simulator/database/record-definition.ts";
import { defaultHostConfig } from "../../../../worker/selfhost/simulator/host-config.ts";
import type { AimxVersion, HostConfig } from "../../../../worker/selfhost/simulator/host-config.ts";
import type { Input } from "../../../../worker/selfhost/simulator/json/value.ts";
import { openSession } from "../../../../worker/selfhost/simulator/wire/open-session.ts";
import type { Host, Output, Session } from "../../../../worker/selfhost/simulator/wire/session.ts";
import { settle } from "../../../../worker/selfhost/simulator/wire/settle.ts";

const NS_PER_MS = 1_000_000n;
const START_NS = 1_795_171_712_139_464_581n;

export type DrivenHostOptions = {
  readonly aimx: AimxVersion;
  readonly config?: Partial<HostConfig>;
  readonly records?: readonly RecordDefinition[];
};

export class DrivenHost {
  readonly host: Host;
  readonly #peers: DrivenPeer[] = [];
  #nowNs = START_NS;

  constructor({ aimx, config, records = demoRecords() }: DrivenHostOptions) {
    this.host = {
      config: { ...defaultHostConfig(aimx), ...config },
      database: new Database(records, START_NS),
    };
    this.settle();
  }

  get nowNs(): bigint {
    return this.#nowNs;
  }

  get nowMs(): number {
    return Number(this.#nowNs / NS_PER_MS);
  }

  advanceMs(ms: number): void {
    this.#nowNs += BigInt(Math.round(ms * 1e6));
  }

  produce(key: string, value: Input): void {
    this.host.database.produce(key, value, this.#nowNs);
    this.settle();
  }

  connect(): DrivenPeer {
    const peer = new DrivenPeer(this, openSession(this.host));
    this.#peers.push(peer);
    return peer;
  }

  settle(): void {
    settle(this.host, this.#nowNs, () => {
      for (const peer of this.#peers) peer.pump();
    });
  }
}

/** The client's side of one session. It reads everything at once unless it is told to stop. */
export class DrivenPeer {
  readonly #host: DrivenHost;
  readonly #session: Session;
  #outputs: Output[] = [];
  #isReading = true;

  constructor(host: DrivenHost, session: Session) {
    this.#host = host;
    this.#session = session;
  }

  /** What the host says to these lines, sent in one piece. */
  ask(...lines: readonly string[]): readonly string[] {
    return this.sendText(lines.map((line) => `${line}\n`).join(""));
  }

  sendText(text: string): readonly string[] {
    return this.sendBytes(new TextEncoder().encode(text));
  }

  sendBytes(bytes: Uint8Array): readonly string[] {
    this.#session.receive(bytes);
    this.pump();
    this.#host.settle();
    return this.take();
  }

  end(): readonly string[] {
    this.#session.receiveEnd();
    this.pump();
    this.#host.settle();
    return this.take();
  }

  stopReading(): void {
    this.#isReading = false;
  }

  readAgain(): readonly string[] {
    this.#isReading = true;
    this.#host.settle();
    return this.take();
  }

  /** Everything said since the last time; `<closed>` stands for the end. */
  take(): readonly string[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs.map((output) => (output.type === "close" ? "<closed>" : output.text));
  }

  dropHalfLine(): void {
    this.#session.dropHalfLine();
  }

  disconnect(): void {
    this.#session.close();
  }

  pump(): void {
    this.#session.wake(this.#host.nowNs);
    while (this.#isReading && this.#outputs.at(-1)?.type !== "close") {
      const output = this.#session.next(this.#host.nowNs);
      if (output === undefined) return;
      this.#outputs.push(output);
    }
  }
}

/** A client of an AimX v1 host that has been welcomed. */
export function greeted(host: DrivenHost): DrivenPeer {
  const peer = host.connect();
  peer.ask('{"version":"1.0","client":"test"}');
  return peer;
}
