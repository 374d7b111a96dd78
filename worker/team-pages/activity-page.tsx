/** `/activity`: what was called and changed in the team, by whom, and with what outcome. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { allows } from "#shared/access/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import { activityPageSchema, type ActivityRow } from "../api/activity-routes.ts";
import { navOf } from "../dashboard/nav.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { Time } from "../dashboard/shown.tsx";
import { teamUrl, type TeamPlace } from "../dashboard/team-url.ts";
import { pageResponse, Problem } from "../pages/page.tsx";
import { askedIn, Filter, toQuery, type Asked } from "./activity-filter.tsx";
import { callApi } from "./call-api.ts";

const PAGE_ROWS = "50";

export async function activityPage(opened: OpenedPage, url: URL): Promise<Response> {
  const asked = askedIn(url.searchParams);
  const before = url.searchParams.get("before");
  const query = { ...toQuery(asked), limit: PAGE_ROWS, ...(before === null ? {} : { before }) };
  const read = await callApi(opened, { method: "get", path: "/activity", query });
  const page = safeParse(activityPageSchema, read.ok ? read.value : undefined).data;
  const seesAll = allows(scopesOfRole(opened.membership.role), "aimdb:write");
  const { activity = [], next = null } = page ?? {};
  const body = (
    <>
      <h1>Activity</h1>
      <p class="lead">
        {seesAll
          ? "Every tool that was called and every change in the team, newest first."
          : "Every tool that you called and every change that you made, newest first."}{" "}
        A line appears about a second after its call.
      </p>
      <Filter asked={asked} place={opened.place} />
      <Problem text={read.ok ? undefined : read.error} />
      <Rows rows={activity} place={opened.place} />
      <nav class="actions" aria-label="Pages">
        {before === null ? null : (
          <a class="button plain" href={teamUrl(opened.place, "/activity", asked)}>
            Newest
          </a>
        )}
        {next === null ? null : (
          <a
            class="button plain"
            href={teamUrl(opened.place, "/activity", { ...asked, before: next })}
          >
            Older
          </a>
        )}
        <a
          class="button plain"
          href={teamUrl(opened.place, "/activity/export", asked)}
          download="activity.ndjson"
        >
          Export as NDJSON
        </a>
      </nav>
    </>
  );
  return pageResponse({
    title: "Activity",
    body,
    reader: opened.session,
    nav: navOf(opened, "Activity"),
    ...(read.ok ? {} : { status: 400 }),
  });
}

function Rows({ rows, place }: { rows: readonly ActivityRow[]; place: TeamPlace }): JSX.Element {
  if (rows.length === 0) return <p class="card">Nothing.</p>;
  return (
    <div class="scroll card">
      <table class="cards log">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Where</th>
            <th scope="col">Outcome</th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">Call</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row row={row} place={place} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row, place }: { row: ActivityRow; place: TeamPlace }): JSX.Element {
  const { at, principal, name, action, target, record, call_id, outcome, duration_ms, times } = row;
  const by = (filter: Asked) => teamUrl(place, "/activity", filter);
  return (
    <tr>
      <th scope="row">
        {presentableText(action.replace(/^tool\./, ""), 60)}
        {times > 1 ? <small class="muted">{` × ${times}`}</small> : null}
        {row.value === null ? null : <code class="block">{presentableText(row.value, 120)}</code>}
      </th>
      <td class="time">
        <Time iso={at} />
      </td>
      <td class="name">
        <a href={by({ principal })}>
          {presentableText(name ?? OF_NOBODY[principal] ?? principal, 60)}
        </a>
        {row.ended_at === null ? null : (
          <small class="muted block">
            {row.email === null ? "ended" : `${presentableText(row.email, 80)}, left`}
          </small>
        )}
      </td>
      <td class="name">
        {target === null ? (
          presentableText(placesOf(row.instances), 80)
        ) : (
          <a href={by({ target })}>{presentableText(row.target_name ?? target, 80)}</a>
        )}
        {record === null ? null : <small class="block">{presentableText(record, 80)}</small>}
      </td>
      <td>
        <Outcome outcome={outcome} approver={row.approver} />
      </td>
      <td class="number">{duration_ms === null ? "" : `${Math.round(duration_ms)} ms`}</td>
      <td class="id">
        <a href={by({ call: call_id })} aria-label={`Call ${call_id}`}>
          <code>{shortId(call_id)}</code>
        </a>
      </td>
    </tr>
  );
}

/** Principals that are neither a person nor a token of the team. */
const OF_NOBODY: Readonly<Record<string, string>> = {
  operator: "the admin token",
  device: "the device",
};

const GOOD: ReadonlySet<string> = new Set(["ok", "done", "applied"]);
const OPEN: ReadonlySet<string> = new Set(["awaiting_confirmation", "asked_back", "dry_run"]);

function Outcome({ outcome, approver }: Pick<ActivityRow, "outcome" | "approver">) {
  const tone = outcome === null || OPEN.has(outcome) ? "quiet" : GOOD.has(outcome) ? "good" : "bad";
  return (
    <>
      <span class={`state ${tone}`}>{presentableText(outcome ?? "begun", 40)}</span>
      {approver === null ? null : (
        <small class="muted block">{`by ${presentableText(approver, 60)}`}</small>
      )}
    </>
  );
}

/** One instance is named, several are only counted: they would fill the page. */
function placesOf(instances: readonly string[]): string {
  const [first, ...others] = instances;
  if (first === undefined) return "–";
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** A write's id begins with its relay's; its end is what tells calls apart. */
function shortId(callId: string): string {
  return presentableText(callId.split(".").at(-1)?.slice(0, 8) ?? "", 8);
}
