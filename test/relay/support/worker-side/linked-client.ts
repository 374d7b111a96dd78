/** A link client whose worker, time and instance a test plays. */
import { onTestFinished } from "vitest";
import type { Result } from "#shared/result.ts";
import type { Failure } from "#shared/failure.ts";
import { parseRelayFrame } from "#shared/link/frame.ts";
import type { Instance } from "../../../../relay/instances/instance.ts";
import type { RecordReading } from "../../../../relay/instances/reading/reading.ts";
import { LastKnownTeller, type KnownInstance } from "../../../../relay/link/last-known.ts";
import {
  LinkClient,
  type LinkClientOptions,
  type LinkEnd,
} from "../../../../relay/link/link-client.ts";
import type { Server } from "../../../../relay/link/serve.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { CollectingLog } from "../collecting-log.ts";
import { ScriptedDial, type ScriptedLink } from "./scripted-dial.ts";
import { until } from "../until.ts";
import { serverOf } from "../server-of.ts";

/** Answers `get` when it is told to. */
class HeldInstance {
  readonly #held: (() => void)[] = [];

  get heldCount(): number {
    return this.#held.length;
  }

  readonly get = (): Promise<Result<RecordReading, Failure>> =>
    new Promise((resolve) => {
      const sample = { value: 1, atMs: 0, timeSource: "observed", sequence: 1, epoch: "p.0" };
      const value = { recordKey: "a", loss: "counted", sample } as RecordReading;
      this.#held.push(() => resolve({ ok: true, value }));
    });

  release(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }
}

export class LinkedClient {
  readonly clock = new ManualClock();
  readonly log = new CollectingLog();
  readonly worker = new ScriptedDial();
  readonly instance = new HeldInstance();
  /** The times that tokens were made for. */
  readonly tokenTimes: number[] = [];
  /** Continuity values that it was given. */
  readonly kept: string[] = [];
  readonly server: Server;
  readonly client: LinkClient;
  inventoryCount = 0;
  /** What its instances' records hold. */
  known: readonly KnownInstance[] = [];
  end: LinkEnd | undefined;

  constructor(more: Partial<LinkClientOptions> = {}) {
    const { clock, log } = this;
    const find = () => this.instance as unknown as Instance;
    this.server = serverOf({ find, clock, log });
    this.client = new LinkClient({
      url: new URL("wss://aimdb.example.com/relay"),
      dial: this.worker.dial,
      createToken: async (workerNowMs) => {
        this.tokenTimes.push(workerNowMs);
        return `token-${this.tokenTimes.length}`;
      },
      keepContinuity: (value) => void this.kept.push(value),
      server: this.server,
      inventory: () => {
        this.inventoryCount += 1;
        return { t: "inventory", confirm_writes: "always", instances: [], skipped: [] };
      },
      lastKnown: new LastKnownTeller({ read: () => this.known, intervalMs: 60_000, clock }),
      relayVersion: "1.2.3",
      journalId: () => undefined,
      clock,
      random: () => 0.5,
      log,
      ...more,
    });
    void this.client.ended.then((end) => {
      this.end = end;
    });
    onTestFinished(() => this.client.stop());
  }

  /** The dial of this number, from 1, once it is made. */
  async dial(number: number): Promise<ScriptedLink> {
    await until(`dial ${number}`, () => this.worker.links.length >= number);
    return this.worker.last;
  }

  async goLive(heartbeatIntervalMs?: number): Promise<ScriptedLink> {
    this.client.start();
    const link = await this.dial(1);
    link.opens();
    link.welcomes(heartbeatIntervalMs);
    return link;
  }

  /** Lets the wait after a lost link pass, and goes live on the next one. */
  async comeBack(): Promise<ScriptedLink> {
    const count = this.worker.links.length;
    this.clock.advance(this.clock.nextInMs ?? 0);
    const link = await this.dial(count + 1);
    link.opens();
    link.welcomes();
    return link;
  }
}

/** True if everything sent on a link is what a worker takes. */
export function sendsOnlyFrames(link: ScriptedLink): boolean {
  return link.frames.every((frame) => parseRelayFrame(JSON.stringify(frame)).ok);
}
