/**
 * `enroll` on a device that is enrolled: done if that is what was asked for and the worker accepts the key, so that a
 * script can repeat it. What would replace the enrollment needs --force.
 */
import { err, ok, type Result } from "#shared/result.ts";
import { systemClock } from "../clock.ts";
import { tryKey } from "../doctor/try-key.ts";
import type { Identity } from "../identity/identity.ts";
import type { RelayKey } from "../identity/key.ts";
import { afterDialFailure } from "../link/next-step.ts";
import { NeedsOperator } from "../needs-operator.ts";
import type { NetOptions } from "../net/agent.ts";
import { workerOfLink } from "../net/worker-url.ts";

export interface WantedEnrollment {
  /** The worker's origin. */
  readonly url: URL;
  readonly relayName: string;
  readonly joinToken: string | undefined;
}

/** The error is for the operator, and may pass. Throws what does not. */
export async function checkEnrolled(
  { identity, key }: { readonly identity: Identity; readonly key: RelayKey | undefined },
  wanted: WantedEnrollment,
  net: NetOptions,
): Promise<Result<Identity, string>> {
  const is = `This device is enrolled already, as "${identity.relay}" in team "${identity.team.name}"`;
  const other = otherThan(identity, wanted);
  if (other !== undefined) throw new NeedsOperator(`${is}${other}. --force enrolls it anew.`);
  if (key === undefined)
    throw new NeedsOperator(`${is}, but its key is gone. --force enrolls it anew.`);
  const next = afterDialFailure(await tryKey({ identity, key }, net, systemClock));
  switch (next.type) {
    // It knows the key: it refuses the token of 1970 for its time alone.
    case "retry_with_clock":
      return ok(identity);
    case "stop":
      throw new NeedsOperator(`${is}, but the worker refuses it. ${next.advice} --force does so.`);
    case "retry":
      return err(
        `${is}, but whether the worker accepts it could not be asked: ${next.why}. aimdb-relay doctor says more.`,
      );
  }
}

/** A join token names its team, between its kind and its secret. */
const TEAM_OF_TOKEN = /^aimdb_join_([0-9a-f]{64})_/;

function otherThan(
  { relay, team, link_url, enrolled_at }: Identity,
  { url, relayName, joinToken = "" }: WantedEnrollment,
): string | undefined {
  const worker = workerOfLink(new URL(link_url));
  if (worker.origin !== url.origin && enrolled_at !== url.origin)
    return ` at ${worker.origin}, which is another worker`;
  const [, teamId = team.id] = TEAM_OF_TOKEN.exec(joinToken) ?? [];
  if (teamId !== team.id) return ", and the join token is of another team";
  return relayName === relay ? undefined : `, and not as "${relayName}"`;
}
