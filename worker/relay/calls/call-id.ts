/** Ids of calls at devices: 128 random bits in hex, so that none can be guessed and none occurs twice. */
import type { Principal } from "../../auth/principal.ts";
import { randomHex } from "../../auth/secret.ts";

/** The first half is the tool call's id, if there is one: its calls are found by this prefix. */
export function newCallId({ cause }: Pick<Principal, "cause">): string {
  return `${cause ?? newCause()}${randomHex(8)}`;
}

export function newCause(): string {
  return randomHex(8);
}
