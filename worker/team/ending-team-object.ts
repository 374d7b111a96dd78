/**
 * The end of a relay and of a team: at once nobody finds it any more, and a minute later, when nothing of it is under
 * way, everything that it stored is deleted. With a team, all of its relays end. No id is ever given again.
 */
import { LEASE_HELD_MS, type Effect } from "../access/rights.ts";
import { directoryOf } from "../directory/stub.ts";
import { logEvent } from "../log.ts";
import { isEnded } from "./rights/rights-team-object.ts";
import { PeopleTeamObject } from "./people/people-team-object.ts";
import { readMembers } from "./people/members.ts";
import { wakeBy } from "../storage/wake-by.ts";
import { forgetFormerRelay, readFormerRelays, revokeRelays } from "./relays/former-relays.ts";

/** Longer than any relay object decides on what it heard before. */
const ERASED_AFTER_MS = 2 * LEASE_HELD_MS;
const AT_ONCE = 16;

export abstract class EndingTeamObject extends PeopleTeamObject {
  async end(): Promise<Effect | null> {
    if (!this.exists()) return null;
    const { storage } = this.ctx;
    storage.transactionSync(() => {
      revokeRelays(storage.sql, Date.now());
      this.noteRightsOfAll();
      this.markEnded(Date.now());
    });
    await storage.setAlarm(Date.now() + ERASED_AFTER_MS);
    const relayIds = readFormerRelays(storage.sql);
    const [effect] = await Promise.all([this.announceRights(...relayIds), this.#leave()]);
    return effect;
  }

  override async alarm(): Promise<void> {
    if (isEnded(this.ctx.storage.sql)) await this.#erase();
    else await super.alarm();
  }

  protected planErasure(nowMs: number): Promise<void> {
    return wakeBy(this.ctx.storage, nowMs + ERASED_AFTER_MS);
  }

  /** Of relays that were revoked a while ago; one whose object can't be reached is tried again. */
  protected async eraseRevoked(nowMs: number): Promise<void> {
    const { sql } = this.ctx.storage;
    await this.#eraseRelays(readFormerRelays(sql, nowMs - ERASED_AFTER_MS));
    if (readFormerRelays(sql).length > 0) await this.planErasure(nowMs);
  }

  /** What can't be reached now is tried again by the alarm. */
  async #leave(): Promise<boolean> {
    const team = this.ctx.id.toString();
    const { ACCOUNT } = this.env;
    const accounts = readMembers(this.ctx.storage.sql).map(({ account }) => account);
    const isLeft = await allDone(accounts, (account) =>
      ACCOUNT.get(ACCOUNT.idFromString(account)).leave(team),
    );
    const isRemoved = await allDone([team], (id) => directoryOf(this.env).removeTeam(id));
    return isLeft && isRemoved;
  }

  async #erase(): Promise<void> {
    const { storage, id } = this.ctx;
    const team = id.toString();
    const isErased = await this.#eraseRelays(readFormerRelays(storage.sql));
    if (!(await this.#leave()) || !isErased) {
      await storage.setAlarm(Date.now() + ERASED_AFTER_MS);
      return;
    }
    await storage.deleteAlarm();
    await storage.deleteAll();
    logEvent("info", "team_erased", { team });
  }

  #eraseRelays(objectIds: readonly string[]): Promise<boolean> {
    const { RELAY } = this.env;
    const { storage, id } = this.ctx;
    return allDone(objectIds, async (objectId) => {
      await RELAY.get(RELAY.idFromString(objectId)).erase(id.toString());
      storage.transactionSync(() => forgetFormerRelay(storage.sql, objectId));
    });
  }
}

async function allDone<T>(
  items: readonly T[],
  run: (item: T) => Promise<unknown>,
): Promise<boolean> {
  let isDone = true;
  for (let i = 0; i < items.length; i += AT_ONCE) {
    const some = items.slice(i, i + AT_ONCE);
    const ends = await Promise.allSettled(some.map(async (item) => run(item)));
    for (const end of ends) {
      if (end.status === "fulfilled") continue;
      isDone = false;
      logEvent("error", "erasure_delayed", { reason: String(end.reason) });
    }
  }
  return isDone;
}
