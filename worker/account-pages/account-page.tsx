/** `/account`: a person's own settings. What they do in a team is on the team's pages. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { navOf, navOfTeams } from "../dashboard/nav.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { teamUrl } from "../dashboard/team-url.ts";
import { NewPasswordField } from "../pages/new-password-field.tsx";
import { CsrfField, pageResponse, Problem } from "../pages/page.tsx";
import type { Session } from "../session/read-session.ts";

export interface AccountPage {
  readonly session: Session;
  /**
   * The team whose pages the navigation lists. Undefined if the person is in no team, or in several, which
   * are listed instead.
   */
  readonly opened: OpenedPage | undefined;
  readonly hasPassword: boolean;
  /** Name of the OpenID provider, if one is configured. */
  readonly provider: string | undefined;
  readonly done?: Done | undefined;
}

export interface AccountAnswer {
  readonly problem?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const DONE = {
  password: "Your password is changed, and every other browser is signed out.",
  sessions: "Every other browser is signed out.",
} as const;
export type Done = keyof typeof DONE;

export function toDone(text: string | undefined): Done | undefined {
  return text === "password" || text === "sessions" ? text : undefined;
}

export function accountPage(page: AccountPage, answer: AccountAnswer = {}): Promise<Response> {
  const { session, opened, done } = page;
  const { problem, ...rest } = answer;
  const body = (
    <>
      <h1>Your account</h1>
      {done === undefined ? null : <p role="status">{DONE[done]}</p>}
      <Problem text={problem} />
      <section class="card">
        <dl class="facts">
          <dt>Name</dt>
          <dd>{session.displayName}</dd>
          <dt>E-mail</dt>
          <dd>{session.email}</dd>
          <dt>Teams</dt>
          <dd>
            <Teams session={session} />
          </dd>
        </dl>
      </section>
      <section class="card">
        <h2>Your password</h2>
        {page.hasPassword ? <ChangePassword session={session} /> : <Elsewhere {...page} />}
      </section>
      <SignOutElsewhere session={session} />
    </>
  );
  const nav = opened === undefined ? navOfTeams(session.memberships) : navOf(opened);
  return pageResponse({ title: "Your account", body, reader: session, nav, ...rest });
}

/** Each links to the page where the person can end its clients and tokens. */
function Teams({ session: { memberships } }: { session: Session }): JSX.Element {
  if (memberships.length === 0) return <>None</>;
  const isOnly = memberships.length === 1;
  return (
    <>
      {memberships.map(({ teamId, teamName, role }) => (
        <span class="block">
          <a href={teamUrl({ teamId, isOnly }, "/team")}>{teamName}</a>, as {role}
        </span>
      ))}
    </>
  );
}

function ChangePassword({ session }: { session: Session }): JSX.Element {
  return (
    <>
      <p class="muted">
        Changing it signs you out everywhere else. Connected clients and access tokens stay: end
        them on each team's Team page.
      </p>
      <form class="stack" method="post" action="/account">
        <CsrfField token={session.csrfToken} />
        <input type="hidden" name="action" value="change_password" />
        {/* Tells a password manager whose it is. */}
        <input type="email" autocomplete="username" value={session.email} readonly hidden />
        <label>
          Current password
          <input type="password" name="current" autocomplete="current-password" required />
        </label>
        <NewPasswordField label="New password" />
        <p class="actions">
          <button>Change password</button>
        </p>
      </form>
    </>
  );
}

function Elsewhere({ provider }: AccountPage): JSX.Element {
  const where = provider ?? "an OpenID provider";
  return <p>You sign in at {where}: your password is there, and is changed there.</p>;
}

function SignOutElsewhere({ session }: { session: Session }): JSX.Element {
  return (
    <section class="card">
      <h2>Other browsers</h2>
      <p class="muted">
        Every other browser in which you are signed in has to sign in again, at once. This one,
        connected clients and access tokens stay.
      </p>
      <form class="inline" method="post" action="/account">
        <CsrfField token={session.csrfToken} />
        <input type="hidden" name="action" value="sign_out_elsewhere" />
        <button class="plain">Sign out everywhere else</button>
      </form>
    </section>
  );
}
