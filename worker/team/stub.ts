/** Finds a team object. An id that the platform did not make finds none. */
import type { Env } from "../env.ts";
import { toObjectId, type Remote } from "../object-namespace.ts";
import type { TeamRpc } from "./rpc.ts";

export function teamOf({ TEAM }: Pick<Env, "TEAM">, teamId: string): Remote<TeamRpc> | undefined {
  const id = toObjectId(TEAM, teamId);
  return id === undefined ? undefined : TEAM.get(id);
}
