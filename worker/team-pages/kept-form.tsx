/**
 * A form that was sent after its session had ended: shown, and sent on only when the person says so. It is kept in the
 * page alone, with nothing on the server.
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import { CsrfField, pageResponse } from "../pages/page.tsx";
import { CSRF_FIELD } from "../session/csrf.ts";
import type { Session } from "../session/read-session.ts";

interface KeptForm {
  readonly fields: Readonly<Record<string, string>>;
  /** A path of ours. */
  readonly to: string;
}

/** `session` is the one that began since; without one the page asks to sign in. */
export function keptForm({ fields, to }: KeptForm, session?: Session): Promise<Response> {
  const typed = Object.entries(fields).filter(([name]) => name !== CSRF_FIELD);
  const title = session === undefined ? "You are signed out" : "Nothing was done yet";
  const body = (
    <section>
      <h1>{title}</h1>
      {session === undefined ? <HowToSignIn /> : <p>You have signed in anew. Send this?</p>}
      <form class="stack" method="post" action={to}>
        {/* Without a session it has a place for the token, which is then not that of any. */}
        <CsrfField token={session?.csrfToken ?? ""} />
        {typed.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button>{session === undefined ? "Continue" : "Send"}</button>
      </form>
      <dl class="facts">
        {typed
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
      </dl>
    </section>
  );
  const status = session === undefined ? 401 : 403;
  return pageResponse({ title, body, narrow: true, reader: session, forms: "self", status });
}

function HowToSignIn(): JSX.Element {
  return (
    <p>
      Nothing was done, and what you entered is kept on this page.{" "}
      <a href="/login" target="_blank" rel="noopener">
        Sign in in a new tab
      </a>
      , then come back here and continue.
    </p>
  );
}
