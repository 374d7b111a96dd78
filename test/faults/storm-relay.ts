/** A relay's own link and its own patience, without hosts: light enough for a thousand in one process. */
import { systemClock } from "../../relay/clock.ts";
import { AuditTrail } from "../../relay/access/audit-trail.ts";
import { DEFAULT_CONFIG } from "../../relay/config.ts";
import { RelayCounts } from "../../relay/control/relay-counts.ts";
import type { Identity } from "../../relay/identity/identity.ts";
import { readOrCreateKey, type RelayKey } from "../../relay/identity/key.ts";
import { createDialToken, createEnrollProof } from "../../relay/identity/tokens.ts";
import { MemoryJournal } from "../../relay/journal/memory-journal.ts";
import { dialWith } from "../../relay/link/dial.ts";
import { LastKnownTeller } from "../../relay/link/last-known.ts";
import { LinkClient } from "../../relay/link/link-client.ts";
import { Server } from "../../relay/link/serve.ts";
import { createLog } from "../../relay/log.ts";
import { DeviceWrites } from "../../relay/writes/device-writes.ts";
import { ENROLL_PATH, enrollResponseSchema } from "#shared/link/enrollment.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SILENT = createLog(
  () => {},
  () => Date.now(),
);

export class StormRelay {
  /** Of each dial, as `performance.now()` says. */
  readonly dialsMs: number[] = [];
  readonly #link: LinkClient;

  private constructor(identity: Identity, key: RelayKey) {
    let shown: string | undefined;
    const dial = dialWith({ caFile: undefined });
    this.#link = new LinkClient({
      url: new URL(identity.link_url),
      dial: (url, token, handlers) => {
        this.dialsMs.push(performance.now());
        return dial(url, token, handlers);
      },
      createToken: (nowMs) => createDialToken(identity, key, { nowMs, cont: shown }),
      keepContinuity: (value) => {
        shown = value;
      },
      server: serverOfNothing(),
      inventory: () => ({
        t: "inventory",
        confirm_writes: "never",
        instances: [],
        skipped: [],
      }),
      lastKnown: new LastKnownTeller({ read: () => [], intervalMs: 0, clock: systemClock }),
      relayVersion: "storm",
      journalId: () => undefined,
      clock: systemClock,
      random: Math.random,
      log: SILENT,
    });
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

function serverOfNothing(): Server {
  const find = () => undefined;
  const trail = new AuditTrail({ audit: undefined, clock: systemClock, log: SILENT });
  const writes = new DeviceWrites({
    config: DEFAULT_CONFIG,
    journal: new MemoryJournal(),
    trail,
    clock: systemClock,
    find,
    holds: "local_only",
  });
  const counts = new RelayCounts();
  return new Server({
    find,
    writes,
    clock: systemClock,
    rateLimit: undefined,
    trail,
    log: SILENT,
    counts,
  });
}

async function createJoinToken(url: URL, adminToken: string): Promise<string> {
  const response = await fetch(new URL("/api/v1/join-tokens", url), {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}` },
    body: "{}",
  });
  const { token } = (await response.json()) as { token: string };
  return token;
}
