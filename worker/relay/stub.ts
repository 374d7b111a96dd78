/** Finds a relay object by the id that its team keeps, never by a name from a request. */
import type { Env } from "../env.ts";
import type { Remote } from "../object-namespace.ts";
import type { RelayRpc } from "./rpc.ts";

export function relayOf({ RELAY }: Pick<Env, "RELAY">, objectId: string): Remote<RelayRpc> {
  return RELAY.get(RELAY.idFromString(objectId));
}
