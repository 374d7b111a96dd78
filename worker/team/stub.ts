/** The way to a team object. Ids that the platform did not make reach none. */
import type { Env } from "../env.ts";
import { toObjectId, type Remote } from "../object-namespace.ts";
import type { TeamRpc } from "./rpc.ts";

export function teamOf({ TEAM }: Pick<Env, "TEAM">, teamId: string): Remote<TeamRpc> | undefined {
  const id = toObjectId(TEAM, teamId);
  return id === undefined ? undefined : TEAM.get(id);
}
