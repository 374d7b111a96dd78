/** A relay as its object knows it, for those that list many: one that fails keeps nobody from the others. */
import { within } from "../after.ts";
import type { Env } from "../env.ts";
import { readTwice } from "../read-twice.ts";
import type { RelayRef } from "../team/rpc.ts";
import type { DescribeQuery, RelayDescription } from "./rpc.ts";
import { relayOf } from "./stub.ts";

const DESCRIBE_DEADLINE_MS = 5_000;

/** Undefined if the object does not answer in time, or is of another team after all. */
export async function describeInTime(
  env: Env,
  { objectId }: RelayRef,
  query: DescribeQuery,
  call?: string,
): Promise<RelayDescription | undefined> {
  try {
    const described = readTwice(() => relayOf(env, objectId).describe(query), { call });
    const deadlineMs = DESCRIBE_DEADLINE_MS + (query.ahead?.deadlineMs ?? 0);
    return (await within(deadlineMs, described)) ?? undefined;
  } catch {
    return undefined;
  }
}
