/** `/invite/<token>`: where an invited person accepts. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Role } from "../access/role.ts";
import { NewPasswordField } from "../pages/new-password-field.tsx";
import { CsrfField, pageResponse, Problem } from "../pages/page.tsx";
import type { Session } from "../session/read-session.ts";
import { inviteAction } from "./invite-url.ts";

export interface InvitePage {
  readonly token: string;
  readonly teamName: string;
  readonly role: Role;
  /** Null: any address. */
  readonly email: string | null;
  readonly session: Session | undefined;
  /** Label of the OpenID provider's button, if one is configured. */
  readonly provider: string | undefined;
  readonly filled?: { readonly name: string; readonly email: string };
  readonly problem?: string;
  /** The field that the problem is about. */
  readonly wrong?: "email" | "password";
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const WHAT_ROLES_DO: Readonly<Record<Role, string>> = {
  owner: "read and write records, and manage people, devices and tokens",
  operator: "read and write records, and look after devices",
  viewer: "read records",
};

export function invitePage(page: InvitePage): Promise<Response> {
  const { session, status = 200, headers = {} } = page;
  const body = (
    <section>
      <h1>Join {page.teamName}</h1>
      <p class="lead">
        You are invited as <strong>{page.role}</strong>: you can {WHAT_ROLES_DO[page.role]}.
      </p>
      <Problem text={page.problem} />
      {session === undefined ? <NewAccount {...page} /> : <JoinAs {...page} session={session} />}
    </section>
  );
  const reader =
    session === undefined
      ? {}
      : { reader: { displayName: session.displayName, csrfToken: session.csrfToken } };
  const title = `Join ${page.teamName}`;
  return pageResponse({ title, body, narrow: true, forms: "self", status, headers, ...reader });
}

function JoinAs({ token, session }: InvitePage & { session: Session }): JSX.Element {
  return (
    <form class="stack" method="post" action={inviteAction(token)}>
      <CsrfField token={session.csrfToken} />
      <p>
        You are signed in as {session.displayName} ({session.email}).
      </p>
      <button>Join</button>
    </form>
  );
}

function NewAccount(page: InvitePage): JSX.Element {
  const { token, provider } = page;
  const signIn = `/login?next=${encodeURIComponent(inviteAction(token))}`;
  return (
    <>
      {provider === undefined ? null : (
        <>
          <p class="actions">
            <a class="button" href={`${inviteAction(token)}/provider`}>
              Continue with {provider}
            </a>
          </p>
          <p class="or">or</p>
        </>
      )}
      <form class="stack" method="post" action={inviteAction(token)}>
        <AccountFields {...page} />
        <button>Create account and join</button>
      </form>
      <p>
        <small>
          You have an account already? <a href={signIn}>Sign in</a> and come back here.
        </small>
      </p>
    </>
  );
}

function AccountFields({ email, filled, wrong }: InvitePage): JSX.Element {
  return (
    <>
      <label>
        Your name
        <input
          name="name"
          autocomplete="name"
          maxlength={80}
          required
          value={filled?.name}
          autofocus={wrong === undefined}
        />
      </label>
      <label>
        E-mail
        <input
          type="email"
          name="email"
          autocomplete="username"
          required
          value={email ?? filled?.email}
          readonly={email !== null}
          autofocus={wrong === "email"}
          aria-invalid={wrong === "email" ? "true" : undefined}
        />
      </label>
      <NewPasswordField label="Password" isFirst={wrong === "password"} />
    </>
  );
}
