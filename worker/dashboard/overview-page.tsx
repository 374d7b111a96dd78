/** `/` for a signed-in person: the team's relays and what they serve. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { allows } from "#shared/access/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import type { Env } from "../env.ts";
import { describeInTime } from "../relay/describe-in-time.ts";
import { pageResponse } from "../pages/page.tsx";
import { readTwice } from "../read-twice.ts";
import type { DescribedInstance, RelayDescription } from "../relay/rpc.ts";
import type { Membership } from "../session/memberships.ts";
import type { Session } from "../session/read-session.ts";
import type { CloneSighting, RelayView } from "../team/rpc.ts";
import { teamOf } from "../team/stub.ts";
import { navOf } from "./nav.ts";
import { missingPage, toOpened, type OpenedPage } from "./open-page.ts";
import { offsetOf, Pages } from "./paging.tsx";
import { State, Time } from "./shown.tsx";
import { instanceUrl, teamUrl, type TeamPlace } from "./team-url.ts";

/** The platform's bound on the subrequests of one request, less those for the team and the session. */
const MAX_RELAYS_SHOWN = 40;

interface RelayRow extends RelayView {
  readonly description: RelayDescription | undefined;
}

/** The team's overview, or the choice of a team. */
export function showOverview(request: Request, env: Env, session: Session): Promise<Response> {
  const opened = toOpened(request, env, session);
  const { searchParams } = new URL(request.url);
  if (opened !== undefined) return overviewPage(opened, offsetOf(searchParams.get("offset")));
  return searchParams.has("team") ? missingPage(session) : chooserPage(session);
}

async function overviewPage(opened: OpenedPage, asked: number): Promise<Response> {
  const { env, membership, session, place } = opened;
  const team = membership.teamId;
  const views = (await readTwice(async () => teamOf(env, team)?.relayViews())) ?? [];
  const offset = asked < views.length ? asked : 0;
  const rows = await Promise.all(
    views.slice(offset, offset + MAX_RELAYS_SHOWN).map(async (view) => ({
      ...view,
      description: await describeInTime(env, view, { team }),
    })),
  );
  const end = offset + MAX_RELAYS_SHOWN;
  const body = (
    <>
      <h1>{membership.teamName}</h1>
      <p class="lead">{summaryOf(rows, { offset, total: views.length })}</p>
      {rows.map((row) => (
        <Relay row={row} place={place} />
      ))}
      {views.length === 0 ? <NoRelay opened={opened} /> : null}
      <Pages
        offset={offset}
        size={MAX_RELAYS_SHOWN}
        next={end < views.length ? end : null}
        to={(at) => teamUrl(place, "/", { offset: String(at) })}
      />
    </>
  );
  return pageResponse({ title: "Overview", body, reader: session, nav: navOf(opened, "Overview") });
}

function summaryOf(
  rows: readonly RelayRow[],
  { offset, total }: { offset: number; total: number },
): string {
  const live = rows.filter(({ description }) => description?.state.name === "live").length;
  const instances = rows.flatMap(({ description }) => description?.instances ?? []).length;
  const known = `${live} of ${rows.length} relays connected, ${instances} instances known.`;
  if (rows.length === total) return known;
  return `${total} relays. On this page, ${offset + 1} to ${offset + rows.length}: ${known}`;
}

function NoRelay({ opened: { place, membership } }: { opened: OpenedPage }): JSX.Element {
  const isOwner = allows(scopesOfRole(membership.role), "aimdb:admin");
  return (
    <section class="card">
      <h2>No relay yet</h2>
      <p>
        A relay runs beside AimDB and connects it.{" "}
        {isOwner ? (
          <a href={teamUrl(place, "/team")}>Make a join token</a>
        ) : (
          "Ask an owner for a join token"
        )}
        , then run <code>aimdb-relay enroll</code> on the gateway.
      </p>
    </section>
  );
}

function Relay({ row, place }: { row: RelayRow; place: TeamPlace }): JSX.Element {
  const { name, label, status, description, clone } = row;
  const instances = description?.instances ?? [];
  return (
    <section class="card relay" aria-labelledby={`relay-${name}`}>
      <h2 id={`relay-${name}`}>
        {name}{" "}
        <State name={status === "active" ? (description?.state.name ?? "unknown") : status} />
      </h2>
      <p class="muted">
        {label === "" ? null : `${presentableText(label, 80)} · `}
        <Link description={description} />
      </p>
      {clone === null ? null : <SeenTwice clone={clone} place={place} />}
      {instances.length === 0 ? (
        <p>No instance was found on this gateway.</p>
      ) : (
        <div class="scroll">
          <Instances relay={name} description={description} instances={instances} place={place} />
        </div>
      )}
      {(description?.skipped ?? []).map((reason) => (
        <p class="muted">Left out: {presentableText(reason, 300)}</p>
      ))}
    </section>
  );
}

function SeenTwice({ clone, place }: { clone: CloneSighting; place: TeamPlace }): JSX.Element {
  return (
    <p class="problem" role="alert">
      A second device seems to dial with this relay's key, last at{" "}
      <Time iso={new Date(clone.lastAtMs).toISOString()} />.{" "}
      <a href={teamUrl(place, "/team")}>What to do</a>
    </p>
  );
}

function Link({ description }: Pick<RelayRow, "description">): JSX.Element {
  if (description === undefined) return <>not reachable</>;
  const { state } = description;
  if (state.name === "live") {
    const offset = Math.round(state.clockOffsetMs);
    return (
      <>{`version ${presentableText(state.relayVersion, 40)} · its clock is ${clockText(offset)}`}</>
    );
  }
  return (
    <>
      no link since <Time iso={new Date(state.sinceMs).toISOString()} />
    </>
  );
}

function clockText(offsetMs: number): string {
  if (Math.abs(offsetMs) < 1_000) return "right";
  const seconds = `${(Math.abs(offsetMs) / 1_000).toFixed(1)} s`;
  return offsetMs > 0 ? `${seconds} ahead` : `${seconds} behind`;
}

function Instances({
  relay,
  description,
  instances,
  place,
}: {
  relay: string;
  description: RelayDescription | undefined;
  instances: readonly DescribedInstance[];
  place: TeamPlace;
}): JSX.Element {
  const isLive = description?.state.name === "live";
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Instance</th>
          <th scope="col">State</th>
          <th scope="col">Protocol</th>
          <th scope="col" class="number">
            Records
          </th>
          <th scope="col" class="number">
            Writable
          </th>
        </tr>
      </thead>
      <tbody>
        {instances.map((instance) => (
          <tr>
            <th scope="row">
              <a href={instanceUrl(place, `${relay}/${instance.name}`)}>{instance.name}</a>
            </th>
            <td>
              <State name={isLive ? instance.state : "offline"} />{" "}
              {instance.reason === undefined ? null : (
                <small class="muted">{presentableText(instance.reason, 200)}</small>
              )}
            </td>
            <td>{presentableText(instance.protocol_version ?? "unknown", 20)}</td>
            <td class="number">{instance.record_count}</td>
            <td class="number">{instance.writable_count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function chooserPage(session: Session): Promise<Response> {
  const { memberships } = session;
  const body = (
    <section>
      <h1>{memberships.length === 0 ? "You are in no team" : "Your teams"}</h1>
      {memberships.length === 0 ? <p>Ask an owner to invite you.</p> : null}
      <ul class="plain">
        {memberships.map((membership) => (
          <Team {...membership} />
        ))}
      </ul>
    </section>
  );
  return pageResponse({ title: "Teams", body, narrow: true, reader: session });
}

function Team({ teamId, teamName, role }: Membership): JSX.Element {
  return (
    <li>
      <a href={teamUrl({ teamId, isOnly: false }, "/")}>{teamName}</a>{" "}
      <small class="muted">as {role}</small>
    </li>
  );
}
