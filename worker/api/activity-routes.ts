/** `/activity`: the team's log. `/settings`: how long it is kept. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { allows } from "#shared/access/scope.ts";
import { MAX_AUDIT_NAME_LENGTH } from "../access/audit-entry.ts";
import { settingsChangeSchema, teamSettingsSchema } from "../access/team-settings.ts";
import type { ActivityLine, ActivityQuery } from "../team/log/activity.ts";
import type { Actor } from "./caller.ts";
import { verifyChain } from "./verify-chain.ts";
import {
  isoTime,
  Lines,
  nothing,
  NOTHING,
  route,
  teamId,
  teamQuery,
  time,
  type RouteContext,
  whenEffective,
} from "./route.ts";

const DEFAULT_PAGE = 50;
const MAX_PAGE = 500;
/** Entries per request to the team's object while an export is read. */
const EXPORT_PAGE = 500;

const name = z.string().check(z.minLength(1), z.maxLength(MAX_AUDIT_NAME_LENGTH));
const instant = z.iso.datetime({ offset: true });
const seq = z.string().check(z.regex(/^\d{1,15}$/));

const filters = {
  principal: z.optional(name).check(z.describe("A member's or a token's id, operator, device")),
  action: z.optional(name).check(z.describe("Such as tool.get_record, record.set, relay.revoke")),
  target: z.optional(name).check(z.describe("A relay, an instance, or what was changed")),
  outcome: z.optional(name).check(z.describe("Such as ok, done, applied, or an error's code")),
  call: z.optional(name).check(z.describe("A call id")),
  since: z
    .optional(instant)
    .check(z.meta({ description: "From then on", examples: ["2026-11-01T00:00:00Z"] })),
  until: z
    .optional(instant)
    .check(z.meta({ description: "Before then", examples: ["2026-12-01T00:00:00Z"] })),
};
/** Its fields in the order that the hash covers. */
const lineEntrySchema = z.record(z.string(), z.unknown());
const filterSchema = z.object(filters);

/** Beside an entry, which has only ids: what they are the ids of. */
const whoSchema = z.object({
  name: z
    .nullable(z.string())
    .check(z.describe("The person's, the token's label, or the external issuer's `sub`")),
  email: z.nullable(z.string()).check(z.describe("The person's")),
  approver: z.nullable(z.string()).check(z.describe("Who confirmed or declined it")),
});

const lineSchema = z.object({
  seq: z.number(),
  at: time,
  principal: z.string(),
  ...whoSchema.shape,
  ended_at: z.nullable(time).check(z.describe("When the person left, or the token ended")),
  action: z.string(),
  target: z.nullable(z.string()).check(z.describe("The instance, or what was changed")),
  target_name: z
    .nullable(z.string())
    .check(
      z.describe(
        "What a member or a token that was changed was called then; whom an invitation, and what names a join token was for; what client was disconnected, and whose",
      ),
    ),
  instances: z
    .array(z.string())
    .check(z.describe("Instead of a target, where a call went to several")),
  record: z.nullable(z.string()),
  call_id: z.string().check(z.describe("A device's own log has ids that begin so")),
  outcome: z.nullable(z.string()).check(z.describe("Null: begun, and nothing is known of its end")),
  duration_ms: z.nullable(z.number()),
  times: z
    .number()
    .check(z.describe("Of refusals beyond some in a minute, how many they were; else 1")),
  value: z
    .nullable(z.string())
    .check(z.describe("What a write was to write, as JSON, cut at 1 KiB")),
  confirmed_by: z.nullable(z.string()),
});

export const activityPageSchema = z.object({
  activity: z.array(lineSchema),
  next: z.nullable(z.string()),
});
export type ActivityRow = z.infer<typeof lineSchema>;

export const activityRoutes = [
  route({
    method: "get",
    path: "/activity",
    summary: "What was called and changed, newest first; for a viewer only their own",
    needs: "aimdb:read",
    body: nothing,
    query: z.extend(teamQuery, {
      ...filters,
      before: z
        .optional(seq)
        .check(z.meta({ description: "The `next` of the page before", examples: ["1234"] })),
      limit: z
        .optional(z.string().check(z.regex(/^\d{1,3}$/)))
        .check(z.meta({ description: "500 at most", examples: ["50"] })),
    }),
    status: 200,
    answer: activityPageSchema,
    errors: [404],
    async run({ team, actor, query, nowMs }) {
      const { before, limit = DEFAULT_PAGE } = query;
      const size = Math.min(Math.max(1, Number(limit)), MAX_PAGE);
      const from = before === undefined ? {} : { from: Number(before) };
      const page = { order: "newest", limit: size + 1, withIntents: false, ...from } as const;
      const lines = await team.activity(visible(query, actor), page, nowMs);
      const shown = lines.slice(0, size);
      const next = lines.length > size ? String(shown.at(-1)?.seq ?? 0) : null;
      return ok({ activity: shown.map(toRow), next });
    },
  }),
  route({
    method: "get",
    path: "/activity/export",
    summary:
      "The log as it is kept, oldest first, a line each, with the hashes that chain it, and who the ids are",
    needs: "aimdb:read",
    body: nothing,
    query: z.extend(teamQuery, filters),
    status: 200,
    media: "application/x-ndjson",
    answer: z.object({
      seq: z.number(),
      hash: z.string(),
      entry: lineEntrySchema,
      ...whoSchema.shape,
    }),
    errors: [404],
    run: async (context) => ok(new Lines(linesOf(context))),
  }),
  route({
    method: "get",
    path: "/activity/verify",
    summary: "Whether every kept line of the log is as it was stored, and none is missing",
    needs: "aimdb:write",
    body: nothing,
    query: z.extend(teamQuery, {
      after: z
        .optional(seq)
        .check(z.meta({ description: "The `next` of the part before", examples: ["1234"] })),
    }),
    status: 200,
    answer: z.object({
      intact: z.boolean(),
      checked: z.number(),
      broken_at: z.nullable(z.number()).check(z.describe("The first line that does not fit")),
      newest: z
        .nullable(z.object({ seq: z.number(), hash: z.string() }))
        .check(z.describe("Keep it elsewhere: a log that was cut off at its end lacks it")),
      next: z.nullable(z.string()).check(z.describe("Not all was looked at: ask on from there")),
    }),
    errors: [404],
    async run({ team, query: { after = "0" } }) {
      const chain = await verifyChain((from) => team.verifyActivity(from), Number(after));
      return chain === null ? err(NOTHING) : ok(chain);
    },
  }),
  route({
    method: "get",
    path: "/settings",
    summary: "How long the team's log is kept, and whether a read waits for its line",
    needs: "aimdb:read",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: teamSettingsSchema,
    errors: [404],
    async run({ team }) {
      const settings = await team.settings();
      return settings === null ? err(NOTHING) : ok(settings);
    },
  }),
  route({
    method: "put",
    path: "/settings",
    action: "settings.replace",
    summary: "Change how the team's log is kept; what is absent stays",
    needs: "aimdb:admin",
    body: z.strictObject({
      ...settingsChangeSchema.shape,
      team: z.optional(teamId),
    }),
    query: teamQuery,
    status: 200,
    takesEffect: true,
    answer: teamSettingsSchema,
    errors: [404],
    async run({ team, body: { team: _named, ...change } }) {
      const effect = await team.setSettings(change);
      const settings = await team.settings();
      if (effect === null || settings === null) return err(NOTHING);
      return ok(whenEffective(effect) ?? settings);
    },
  }),
];

async function* linesOf({
  team,
  actor,
  query,
  nowMs,
}: Pick<
  RouteContext<unknown, z.infer<typeof filterSchema>>,
  "team" | "actor" | "query" | "nowMs"
>) {
  const wanted = visible(query, actor);
  let from = 0;
  while (true) {
    const page = { order: "oldest", from, limit: EXPORT_PAGE, withIntents: true } as const;
    const lines = await team.activity(wanted, page, nowMs);
    for (const { seq: number, hash, entry, name: shown, email, approver } of lines) {
      const kept = lineEntrySchema.parse(JSON.parse(entry));
      yield { seq: number, hash, entry: kept, name: shown, email, approver };
    }
    from = lines.at(-1)?.seq ?? from;
    if (lines.length < EXPORT_PAGE) return;
  }
}

/** A caller that may only read sees its own entries, whatever it asks for. */
function visible(query: z.infer<typeof filterSchema>, actor: Actor): ActivityQuery {
  const { principal, action, target, outcome, call, since, until } = query;
  const isOwn = !allows(actor.scopes, "aimdb:write");
  const isForeign = isOwn && principal !== undefined && principal !== actor.principal;
  return {
    principal: isOwn ? actor.principal : principal,
    // A call id that no entry has.
    call: isForeign ? "" : call,
    action,
    target,
    outcome,
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
  };
}

function toRow(line: ActivityLine): ActivityRow {
  const entry = shownSchema.parse(JSON.parse(line.entry));
  const { endedAtMs } = line;
  return {
    seq: line.seq,
    at: isoTime(entry.at_ms),
    principal: entry.principal,
    name: line.name,
    email: line.email,
    ended_at: endedAtMs === null ? null : isoTime(endedAtMs),
    action: entry.action,
    target: entry.instance ?? entry.target,
    target_name: entry.target_name,
    instances: entry.instances,
    record: entry.record,
    call_id: entry.call_id,
    outcome: entry.outcome,
    duration_ms: entry.duration_ms,
    times: entry.times,
    value: entry.value,
    confirmed_by: entry.confirmed_by,
    approver: line.approver,
  };
}

const textOrNull = z._default(z.nullable(z.string()), null);

/** What is shown of an entry of any kind. */
const shownSchema = z.object({
  at_ms: z.number(),
  principal: z.string(),
  action: z.string(),
  call_id: z.string(),
  instance: z.optional(z.string()),
  instances: z._default(z.array(z.string()), []),
  target: textOrNull,
  target_name: textOrNull,
  record: textOrNull,
  outcome: textOrNull,
  duration_ms: z._default(z.nullable(z.number()), null),
  times: z._default(z.number(), 1),
  value: textOrNull,
  confirmed_by: textOrNull,
});
