/** A relay's own link and its own patience, without hosts: light enough for a thousand in one process. */
import { systemClock, type Clock } from "../../relay/clock.ts";
import type { Identity } from "../../relay/identity/identity.ts";
import { readOrCreateKey, type RelayKey } from "../../relay/identity/key.ts";
import { createDialToken, createEnrollProof } from "../../relay/identity/tokens.ts";
import { dialWith } from "../../relay/link/dial.ts";
import { LastKnownTeller } from "../../relay/link/last-known.ts";
import { LinkClient } from "../../relay/link/link-client.ts";
import { createLog } from "../../relay/log.ts";
import { ENROLL_PATH, enrollResponseSchema } from "#shared/link/enrollment.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postAdmin } from "../support/clients/admin-api.ts";
import { serverOf } from "../relay/support/server-of.ts";

const SILENT = createLog(
  () => {},
  () => Date.now(),
);

export class StormRelay {
  /**
   * When each dial was due, as `performance.now()` says: what the link chose, not how late a busy process came
   * to it.
   */
  readonly dialsMs: number[] = [];
  readonly #link: LinkClient;
  #dueMs = 0;

  private constructor(identity: Identity, key: RelayKey) {
    let shown: string | undefined;
    const dial = dialWith({ caFile: undefined });
    this.#link = new LinkClient({
      url: new URL(identity.link_url),
      dial: (url, token, handlers) => {
        this.dialsMs.push(this.#dueMs);
        return dial(url, token, handlers);
      },
      createToken: (nowMs) => createDialToken(identity, key, { nowMs, cont: shown }),
      keepContinuity: (value) => {
        shown = value;
      },
      server: serverOf({ find: () => undefined, clock: systemClock, log: SILENT }),
      inventory: () => ({
        t: "inventory",
        confirm_writes: "never",
        instances: [],
        skipped: [],
      }),
      lastKnown: new LastKnownTeller({ read: () => [], intervalMs: 0, clock: systemClock }),
      relayVersion: "storm",
      journalId: () => undefined,
      clock: this.#clock(),
      random: Math.random,
      log: SILENT,
    });
  }

  #clock(): Clock {
    return {
      ...systemClock,
      after: (delayMs, callback) => {
        const dueMs = performance.now() + delayMs;
        return systemClock.after(delayMs, () => {
          this.#dueMs = dueMs;
          callback();
        });
      },
    };
  }

  static async enroll(url: URL, adminToken: string, name: string): Promise<StormRelay> {
    const joinToken = await createJoinToken(url, adminToken);
    const folder = await mkdtemp(join(tmpdir(), "aimdb-storm-key-"));
    const key = await readOrCreateKey(folder);
    await rm(folder, { recursive: true });
    const proof = await createEnrollProof(joinToken, key);
    const response = await fetch(new URL(ENROLL_PATH, url), {
      method: "POST",
      headers: { authorization: `Bearer ${joinToken}` },
      body: JSON.stringify({ name, public_key: key.publicKey, proof }),
    });
    return new StormRelay(enrollResponseSchema.parse(await response.json()), key);
  }

  get isLive(): boolean {
    return this.#link.status().state === "live";
  }

  start(): void {
    this.#link.start();
  }

  stop(): void {
    this.#link.stop();
  }
}

async function createJoinToken(url: URL, adminToken: string): Promise<string> {
  const response = await postAdmin(new URL("/api/v1/join-tokens", url), {}, adminToken);
  const { token } = (await response.json()) as { token: string };
  return token;
}
