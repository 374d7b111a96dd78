/** The teams that are there. A directory that was restored from a backup, alone, also lists those that ended since. */
import { within } from "../after.ts";
import type { Env } from "../env.ts";
import { teamOf } from "../team/stub.ts";
import type { TeamRef } from "./rpc.ts";
import { directoryOf } from "./stub.ts";

/** The platform lets one request ask 1 000 objects (Free plan). */
const MAX_ASKED = 200;
const ASKED_WITHIN_MS = 2_000;

/** One that can't be asked is taken to be there, and does not hide the others. */
export async function liveTeams(env: Env): Promise<readonly TeamRef[]> {
  const teams = await directoryOf(env).teams();
  const asked = teams.slice(0, MAX_ASKED);
  const live = await Promise.all(
    asked.map(({ id }) =>
      within(
        ASKED_WITHIN_MS,
        isTeamThere(env, id).catch(() => true),
      ),
    ),
  );
  return teams.filter((_, i) => live[i] ?? true);
}

/** What the team's own object says. If it is not there, the directory forgets it, too. */
export async function isTeamThere(env: Env, id: string): Promise<boolean> {
  const team = teamOf(env, id);
  if (team === undefined) return false;
  if (await team.exists()) return true;
  await directoryOf(env).removeTeam(id);
  return false;
}
