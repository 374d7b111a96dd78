/** What a team object does so that others can decide on its people's rights without asking each time. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod/mini";
import {
  LEASE_HELD_MS,
  type DayUse,
  type Effect,
  type Holder,
  type RightsSnapshot,
} from "../../access/rights.ts";
import type { AuditReads } from "../../access/team-settings.ts";
import type { Env } from "../../env.ts";
import { isCreated, type Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { readSettings } from "../log/stored-settings.ts";
import { announce } from "./announce.ts";
import { dailyUseOf, type DailyUse } from "../metrics/daily-use.ts";
import { findRelayByObject, readRelays } from "../relays/relays.ts";
import type { RelayRef } from "../rpc.ts";
import { TeamRights } from "./team-rights.ts";

const endRow = z.object({ ended_at: z.nullable(z.number()) });

/** Nobody may find it any more, and what it stored is being erased. */
export function isEnded(sql: Sql): boolean {
  if (!isCreated(sql)) return false;
  return rowsOf(sql, endRow, "SELECT ended_at FROM team").some(({ ended_at }) => ended_at !== null);
}

export abstract class RightsTeamObject extends DurableObject<Env> {
  readonly #rights: TeamRights;
  readonly #daily: DailyUse;
  #isThere = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#rights = new TeamRights(ctx.storage.sql);
    this.#daily = dailyUseOf(ctx.storage.sql, env);
  }

  /** Once it is there, only its end changes that. */
  exists(): boolean {
    const { sql } = this.ctx.storage;
    this.#isThere ||= isCreated(sql) && !isEnded(sql);
    return this.#isThere;
  }

  protected markEnded(nowMs: number): void {
    this.ctx.storage.sql.exec("UPDATE team SET ended_at = ?", nowMs);
    this.#isThere = false;
  }

  lease(relayId: string): RightsSnapshot | null {
    const { sql } = this.ctx.storage;
    const relay = this.exists() ? findRelayByObject(sql, relayId) : undefined;
    if (relay === undefined || relay.status === "revoked") return null;
    this.#rights.noteLease(relayId, Date.now());
    return this.#snapshotFor(relayId);
  }

  relays(): RelayRef[] {
    if (!this.exists()) return [];
    return readRelays(this.ctx.storage.sql)
      .filter(({ status }) => status !== "revoked")
      .map(({ name, object_id }) => ({ name, objectId: object_id }));
  }

  relaysFor(holder: Holder): RelayRef[] | null {
    return this.exists() && this.#rights.isOutdated(holder) ? null : this.relays();
  }

  protected get rightsVersion(): number {
    return this.#rights.version;
  }

  protected get auditReads(): AuditReads {
    return readSettings(this.ctx.storage.sql).audit_reads;
  }

  /** As `noteRights`, if everybody has to be asked again. */
  protected noteRightsOfAll(): void {
    this.#rights.noteChangeOfAll();
  }

  protected isOutdated(holder: Holder): boolean {
    return this.#rights.isOutdated(holder);
  }

  /** Call it in the turn of the change itself, and `announceRights` afterwards. */
  protected noteRights(subjects: readonly string[]): void {
    this.#rights.noteChange(subjects, Date.now());
  }

  /** Tells all lease holders, and in any case the named ones. */
  protected announceRights(...relayIds: readonly string[]): Promise<Effect> {
    const nowMs = Date.now();
    const endsAtMs = nowMs + LEASE_HELD_MS;
    const holders = new Map(relayIds.map((relayId) => [relayId, { relayId, endsAtMs }]));
    for (const holder of this.#rights.holders(nowMs)) holders.set(holder.relayId, holder);
    const { RELAY } = this.env;
    return announce([...holders.values()], {
      push: ({ relayId }) =>
        RELAY.get(RELAY.idFromString(relayId)).setRights(this.#snapshotFor(relayId)),
      wait: (ms) => scheduler.wait(ms),
    });
  }

  /** Snapshots are ordered by version, so this one needs a new version, although nobody's rights have changed. */
  protected noteDailyUse(use: DayUse, nowMs: number): void {
    if (!this.#daily.note(use, nowMs)) return;
    this.noteRights([]);
    this.ctx.waitUntil(this.announceRights());
  }

  /** Undefined if it is not limited. */
  protected get usedToday(): DayUse | undefined {
    return this.#daily.read(Date.now());
  }

  #snapshotFor(relayId: string): RightsSnapshot {
    const status = findRelayByObject(this.ctx.storage.sql, relayId)?.status ?? "revoked";
    return { ...this.#rights.changes(), status, ...this.#daily.usedUp(Date.now()) };
  }
}
