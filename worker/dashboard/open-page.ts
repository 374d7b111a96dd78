/** Who opened a page, which team it is about, and the team's fleet as that person may see it. */
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import type { Fleet } from "#shared/fleet/fleet.ts";
import { scopesOfRole } from "../access/role.ts";
import type { Principal } from "../auth/principal.ts";
import type { Env } from "../env.ts";
import { seeOther } from "../http/answer/see-other.ts";
import { WorkerCalls } from "../mcp/calls/worker-calls.ts";
import { messagePage } from "../pages/page.tsx";
import type { Membership } from "../session/memberships.ts";
import { readSession, type Session } from "../session/read-session.ts";
import type { TeamPlace } from "./team-url.ts";

export interface OpenedPage {
  readonly env: Env;
  readonly session: Session;
  readonly membership: Membership;
  readonly place: TeamPlace;
  readonly fleet: Fleet;
}

/** Undefined for somebody who is not signed in, or not in the team that the address names. */
export async function readOpened(request: Request, env: Env): Promise<OpenedPage | undefined> {
  const session = await readSession(request, env);
  return session === undefined ? undefined : toOpened(request, env, session);
}

/** The page that `show` makes; otherwise a page to sign in, to choose a team, or that nothing is there. */
export async function inTeam(
  request: Request,
  env: Env,
  show: (opened: OpenedPage) => Response | Promise<Response>,
  showSignedOut: () => Response | Promise<Response> = () => toSignIn(request),
): Promise<Response> {
  const session = await readSession(request, env);
  if (session === undefined) return showSignedOut();
  const opened = toOpened(request, env, session);
  if (opened !== undefined) return show(opened);
  const { searchParams } = new URL(request.url);
  return searchParams.has("team") ? missingPage(session) : seeOther("/");
}

function toSignIn(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  return seeOther(`/login?next=${encodeURIComponent(pathname + search)}`);
}

export function toOpened(request: Request, env: Env, session: Session): OpenedPage | undefined {
  const { memberships } = session;
  const asked = new URL(request.url).searchParams.get("team");
  const named = memberships.find(({ teamId }) => teamId === asked);
  const membership = asked === null && memberships.length === 1 ? memberships[0] : named;
  if (membership === undefined) return undefined;
  const place = { teamId: membership.teamId, isOnly: memberships.length === 1 };
  const fleet = new CallingFleet(new WorkerCalls(env, principalOf(membership)));
  return { env, session, membership, place, fleet };
}

function principalOf({ teamId: team, memberId: id, role, rightsVersion }: Membership): Principal {
  return { id, team, person: id, scopes: scopesOfRole(role), rightsVersion };
}

/** The same for what never existed, what is gone and what belongs to another team. */
export function missingPage(session: Session): Promise<Response> {
  return messagePage({
    title: "There is nothing here",
    status: 404,
    reader: session,
    text: "It was never here, is gone, or is another team's.",
  });
}
