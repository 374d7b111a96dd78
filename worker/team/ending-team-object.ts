/**
 * The end of a team: at once nobody finds it any more and its relays are revoked, and a minute later, when nothing of
 * it is under way, everything that it and its relays stored is deleted. Its id is never given again.
 */
import { LEASE_HELD_MS, type Effect } from "../access/rights.ts";
import { directoryOf } from "../directory/stub.ts";
import { logEvent } from "../log.ts";
import { isEnded } from "./rights/rights-team-object.ts";
import { PeopleTeamObject } from "./people/people-team-object.ts";
import { readMembers } from "./people/members.ts";
import { deleteRelay, readRelays, revokeRelays } from "./relays/relays.ts";

/** Longer than any relay object decides on what it heard before. */
const ERASED_AFTER_MS = 2 * LEASE_HELD_MS;
const AT_ONCE = 16;

export abstract class EndingTeamObject extends PeopleTeamObject {
  async end(): Promise<Effect | null> {
    if (!this.exists()) return null;
    const { storage } = this.ctx;
    storage.transactionSync(() => {
      revokeRelays(storage.sql);
      this.noteRightsOfAll();
      this.markEnded(Date.now());
    });
    await storage.setAlarm(Date.now() + ERASED_AFTER_MS);
    const relayIds = readRelays(storage.sql).map(({ object_id }) => object_id);
    const [effect] = await Promise.all([this.announceRights(...relayIds), this.#leave()]);
    return effect;
  }

  override async alarm(): Promise<void> {
    if (isEnded(this.ctx.storage.sql)) await this.#erase();
    else await super.alarm();
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
    const { RELAY } = this.env;
    const isErased = await allDone(readRelays(storage.sql), async ({ name, object_id }) => {
      await RELAY.get(RELAY.idFromString(object_id)).erase(team);
      deleteRelay(storage.sql, name);
    });
    if (!(await this.#leave()) || !isErased) {
      await storage.setAlarm(Date.now() + ERASED_AFTER_MS);
      return;
    }
    await storage.deleteAlarm();
    await storage.deleteAll();
    logEvent("info", "team_erased", { team });
  }
}

async function allDone<T>(
  items: readonly T[],
  run: (item: T) => Promise<unknown>,
): Promise<boolean> {
  let isDone = true;
  for (let i = 0; i < items.length; i += AT_ONCE) {
    const ends = await Promise.allSettled(items.slice(i, i + AT_ONCE).map(run));
    for (const end of ends) {
      if (end.status === "fulfilled") continue;
      isDone = false;
      logEvent("error", "team_end_delayed", { reason: String(end.reason) });
    }
  }
  return isDone;
}
