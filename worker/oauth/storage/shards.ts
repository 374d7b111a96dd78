/** Finds the shard that has a key. */
import { hashSecret } from "../../auth/secret.ts";
import type { Env } from "../../env.ts";
import type { Remote } from "../../object-namespace.ts";
import type { ShardRpc } from "./shard-rpc.ts";

export const SHARD_COUNT = 16;

export async function shardOf(
  { OAUTH_SHARD }: Pick<Env, "OAUTH_SHARD">,
  key: string,
): Promise<Remote<ShardRpc>> {
  const number = Number.parseInt((await hashSecret(key)).slice(0, 1), SHARD_COUNT);
  return OAUTH_SHARD.get(OAUTH_SHARD.idFromName(`oauth-${number}`));
}
