/** How the relay object that a caller means is found, and the failure if there is none. */
import type { Failure } from "#shared/failure.ts";
import type { Deadline } from "../../deadline.ts";
import type { Env } from "../../env.ts";
import { toObjectId } from "../../object-namespace.ts";
import { teamOf } from "../../team/stub.ts";
import { knownRelays } from "./known-relays.ts";

export interface Way {
  /** Undefined if there is none for this principal. */
  readonly find: (time: Deadline) => Promise<string | undefined>;
  readonly missing: Failure;
  /** Called when a remembered object turned out to be wrong. */
  readonly forget?: () => void;
}

/** Looked up in the principal's own team, so another team's relay does not exist here. */
export function byName(env: Env, relay: { team: string; name: string }, missing: Failure): Way {
  const ask = async () => teamOf(env, relay.team)?.relay(relay.name);
  return {
    find: (time) => knownRelays.find(relay, () => time.read(ask)),
    forget: () => knownRelays.forget(relay),
    missing,
  };
}

/** By an id that the caller sent: the object itself checks that it is of the caller's team. */
export function byId({ RELAY }: Pick<Env, "RELAY">, relay: string, missing: Failure): Way {
  const isOne = toObjectId(RELAY, relay) !== undefined;
  return { find: () => Promise.resolve(isOne ? relay : undefined), missing };
}
