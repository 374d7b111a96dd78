/** Ids of calls at devices: 128 random bits in hex, so that none is guessed and none comes twice. */
import type { Principal } from "../../auth/principal.ts";
import { randomHex } from "../../auth/secret.ts";

/** Half of them are the tool call's, where there is one: its calls are found by how their ids begin. */
export function newCallId({ cause }: Pick<Principal, "cause">): string {
  return `${cause ?? newCause()}${randomHex(8)}`;
}

export function newCause(): string {
  return randomHex(8);
}
