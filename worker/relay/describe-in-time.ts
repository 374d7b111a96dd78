/** A relay as its object knows it, for lists of many: one that fails does not delay the others. */
import { Deadline } from "../deadline.ts";
import type { Env } from "../env.ts";
import type { RelayRef } from "../team/rpc.ts";
import type { DescribeQuery, RelayDescription } from "./rpc.ts";
import { relayOf } from "./stub.ts";

export const DESCRIBE_DEADLINE_MS = 5_000;

/** Undefined if the object does not answer in time, or turns out to belong to another team. */
export async function describeInTime(
  env: Env,
  { objectId }: RelayRef,
  { ahead, ...query }: DescribeQuery,
  time = new Deadline(DESCRIBE_DEADLINE_MS),
): Promise<RelayDescription | undefined> {
  // Once: if the object was reset, the call may have been asked already, and is then made separately.
  let next = ahead;
  const describe = () => {
    const call = next === undefined ? undefined : { ...next, deadlineMs: time.objectMs };
    next = undefined;
    return relayOf(env, objectId).describe({ ...query, ahead: call });
  };
  try {
    return (await time.read(describe)) ?? undefined;
  } catch {
    return undefined;
  }
}
