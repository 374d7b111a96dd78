/** Every relay of a team, asked in parallel: each relay's object knows the inventory without asking the device. */
import { failure } from "#shared/failure.ts";
import type { InstanceOverview, InstanceRow } from "#shared/fleet/fleet.ts";
import { formatInstanceId } from "#shared/instance-id.ts";
import { MAX_TARGETS } from "#shared/mcp/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import type { Deadline } from "../../deadline.ts";
import type { Env } from "../../env.ts";
import { describeInTime } from "../../relay/describe-in-time.ts";
import type {
  CallResult,
  DescribedInstance,
  DescribeQuery,
  RelayDescription,
} from "../../relay/rpc.ts";
import type { RelayRef } from "../../team/rpc.ts";
import { teamOf } from "../../team/stub.ts";

/**
 * The platform lets one request ask 1 000 objects (Free plan). Each relay may be asked for its state twice, and
 * its instances are asked after that.
 */
const MAX_RELAYS_ASKED = 200;

/**
 * A relay that had a link a moment ago, as before a deploy, dials again within a second or two: it is waited for
 * rather than reported as away. All are waited for at once.
 */
const BACK_WITHIN_MS = 3_000;

export interface ReadFleet {
  readonly overview: InstanceOverview;
  /** Answers to the calls made ahead, by instance id. */
  readonly answers: ReadonlyMap<string, CallResult>;
}

export interface FleetQuestion extends Pick<DescribeQuery, "record" | "ahead"> {
  /** Called with each relay object that `ahead` goes to. */
  readonly onAhead?: (objectId: string) => void;
}

/** Undefined if the principal's rights have changed since it was admitted. */
export async function readFleet(
  env: Env,
  { team, id, credential, rightsVersion }: Principal,
  { record, ahead, onAhead }: FleetQuestion,
  time: Deadline,
): Promise<ReadFleet | undefined> {
  const holder = { id, credential, rightsVersion };
  const relays = await time.read(async () => teamOf(env, team)?.relaysFor(holder));
  if (relays === undefined || relays === null) return undefined;
  const described = await Promise.all(
    relays.slice(0, MAX_RELAYS_ASKED).map(async (relay, i) => {
      // No answer reports on more targets.
      const asked = i < MAX_TARGETS ? ahead : undefined;
      if (asked !== undefined) onAhead?.(relay.objectId);
      const query = { team, record, waitMs: BACK_WITHIN_MS, ahead: asked };
      return { relay, description: await describeInTime(env, relay, query, time) };
    }),
  );
  const overview: InstanceOverview = {
    relayCount: relays.length,
    instances: described.flatMap(({ relay, description }) =>
      description === undefined ? [] : toRows(relay, description),
    ),
    skipped: described.flatMap(({ relay, description }) =>
      (description?.skipped ?? []).map((reason) => ({ relay: relay.name, reason })),
    ),
    failed: [
      ...described.flatMap(({ relay, description }) =>
        description === undefined ? [{ relay: relay.name, failure: NO_ANSWER }] : [],
      ),
      ...relays.slice(MAX_RELAYS_ASKED).map(({ name }) => ({ relay: name, failure: NOT_ASKED })),
    ],
  };
  const answers = described.flatMap(({ relay, description }) =>
    (description?.instances ?? []).flatMap(({ name, answer }): [string, CallResult][] =>
      answer === undefined ? [] : [[formatInstanceId({ relay: relay.name, name }), answer]],
    ),
  );
  return { overview, answers: new Map(answers) };
}

const NO_ANSWER = failure("deadline_exceeded", "The relay's state could not be read in time.");
const NOT_ASKED = failure(
  "too_large",
  `Only ${MAX_RELAYS_ASKED} relays are asked at once. Name an instance of this relay.`,
);

function toRows({ name: relay }: RelayRef, { state, instances }: RelayDescription): InstanceRow[] {
  return instances.map((instance) => toRow(relay, state, instance));
}

function toRow(
  relay: string,
  state: RelayDescription["state"],
  { state: instanceState, answer: _answer, ...instance }: DescribedInstance,
): InstanceRow {
  const row = { ...instance, instance: formatInstanceId({ relay, name: instance.name }), relay };
  if (state.name === "live") {
    const { relayVersion, clockOffsetMs } = state;
    return { ...row, status: instanceState, relayVersion, clockOffsetMs };
  }
  return { ...row, status: "offline", offlineSince: new Date(state.sinceMs).toISOString() };
}
