/** `/relays`: the team's devices. */
import * as z from "zod/mini";
import { nameSchema } from "#shared/instance-id.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Env } from "../env.ts";
import type { HttpError } from "../http/answer/error-response.ts";
import { describeInTime } from "../relay/describe-in-time.ts";
import type { RelayDescription } from "../relay/rpc.ts";
import { shownLabelSchema } from "../shown-name.ts";
import { relayStatusSchema, type RelayStatus } from "../relay/status.ts";
import type { CloneSighting, RelayView } from "../team/rpc.ts";
import {
  isoTime,
  nothing,
  NOTHING,
  route,
  teamId,
  teamQuery,
  time,
  type Later,
  type RouteContext,
  whenEffective,
} from "./route.ts";

/** Each relay's object is asked for its state, and one request may ask this many objects. */
const MAX_RELAYS_PER_PAGE = 40;

const relaySchema = z.object({
  name: nameSchema,
  label: z.string(),
  status: relayStatusSchema,
  reachable: z
    .boolean()
    .check(z.describe("False: its state could not be read, and what follows of it is not known")),
  connected: z.boolean(),
  offline_since: z.nullable(time),
  relay_version: z.nullable(z.string()).check(z.describe("While it is connected")),
  clock_offset_ms: z
    .nullable(z.number())
    .check(z.describe("How far the device's clock is ahead, while it is connected")),
  instances: z.array(z.string()).check(z.describe("Ids, as of its last inventory")),
  enrolled_at: time,
  clone_suspected: z
    .nullable(z.object({ first_at: time, last_at: time, networks: z.array(z.string()) }))
    .check(z.describe("A second device seems to dial with this relay's key, from which networks")),
});

const noBody = z.strictObject({ team: z.optional(teamId) });

export const relayRoutes = [
  route({
    method: "get",
    path: "/relays",
    summary: "The team's relays by name, forty at a time",
    needs: "aimdb:read",
    body: nothing,
    query: z.extend(teamQuery, {
      after: z.optional(nameSchema).check(z.describe("The `next` of the page before")),
    }),
    status: 200,
    answer: z.object({ relays: z.array(relaySchema), next: z.nullable(nameSchema) }),
    errors: [404],
    async run({ env, team, actor, query }) {
      const { after = "" } = query;
      const rest = (await team.relayViews()).filter(({ name }) => name > after);
      const page = rest.slice(0, MAX_RELAYS_PER_PAGE);
      const relays = await Promise.all(page.map((view) => describe(env, actor.teamId, view)));
      const next = rest.length > page.length ? (page.at(-1)?.name ?? null) : null;
      return ok({ relays, next });
    },
  }),
  route({
    method: "patch",
    path: "/relays/:name",
    action: "relay.label",
    summary: "Give a relay a label. Its name never changes",
    needs: "aimdb:write",
    body: z.strictObject({
      team: z.optional(teamId),
      label: shownLabelSchema,
    }),
    query: teamQuery,
    status: 204,
    answer: null,
    errors: [404],
    async run({ team, target, body }) {
      return (await team.labelRelay(target, body.label)) ? ok(null) : err(NOTHING);
    },
  }),
  route({
    method: "post",
    path: "/relays/:name/suspend",
    action: "relay.suspend",
    summary: "Cut a relay off until it is resumed",
    needs: "aimdb:write",
    body: noBody,
    query: teamQuery,
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404],
    run: (context) => setStatus(context, "suspended"),
  }),
  route({
    method: "post",
    path: "/relays/:name/resume",
    action: "relay.resume",
    summary: "Let a suspended relay connect again",
    needs: "aimdb:write",
    body: noBody,
    query: teamQuery,
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404],
    run: (context) => setStatus(context, "active"),
  }),
  route({
    method: "delete",
    path: "/relays/:name",
    action: "relay.revoke",
    summary:
      "Revoke a relay: its link is cut at once, its key is no longer accepted, its name is free",
    needs: "aimdb:admin",
    body: nothing,
    query: teamQuery,
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404],
    run: (context) => setStatus(context, "revoked"),
  }),
];

async function setStatus(
  { team, target }: Pick<RouteContext<unknown, unknown>, "team" | "target">,
  status: RelayStatus,
): Promise<Result<null | Later, HttpError>> {
  const effect = await team.setRelayStatus(target, status);
  return effect === null ? err(NOTHING) : ok(whenEffective(effect));
}

async function describe(env: Env, team: string, view: RelayView) {
  const { name, label, status, enrolledAtMs, clone } = view;
  const found = await describeInTime(env, view, { team });
  return {
    name,
    label,
    status,
    reachable: found !== undefined,
    ...stateOf(found),
    instances: (found?.instances ?? []).map((instance) => `${name}/${instance.name}`),
    enrolled_at: isoTime(enrolledAtMs),
    clone_suspected: clone === null ? null : toSuspicion(clone),
  };
}

function toSuspicion({ firstAtMs, lastAtMs, networks }: CloneSighting) {
  return { first_at: isoTime(firstAtMs), last_at: isoTime(lastAtMs), networks: [...networks] };
}

function stateOf(found: RelayDescription | undefined) {
  if (found?.state.name === "live") {
    const { relayVersion, clockOffsetMs } = found.state;
    return {
      connected: true,
      offline_since: null,
      relay_version: relayVersion,
      clock_offset_ms: clockOffsetMs,
    };
  }
  const offline_since = found === undefined ? null : isoTime(found.state.sinceMs);
  return { connected: false, offline_since, relay_version: null, clock_offset_ms: null };
}
