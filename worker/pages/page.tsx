/** The shell of every page, and its response. */
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { raw } from "hono/html";
import { randomHex } from "../auth/secret.ts";
import { pageHeaders, type FormTarget } from "../http/answer/security-headers.ts";
import { CSRF_FIELD } from "../session/csrf.ts";
import { LIVE_SCRIPT } from "./live-script.ts";
import { STYLE } from "./style.ts";

export interface Page {
  readonly title: string;
  readonly body: Child;
  /** One column, as wide as a form. */
  readonly narrow?: boolean;
  /** The person who reads the page: shown, with links to their account and to sign out. */
  readonly reader?: PageReader | undefined;
  /** Links to the pages beside it; absent: no bar. */
  readonly nav?: PageNav;
  /** It has a region that is drawn anew while it is open. */
  readonly isLive?: boolean;
  readonly status?: number;
  readonly forms?: FormTarget;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PageReader {
  readonly displayName: string;
  readonly csrfToken: string;
}

export type PageNav = readonly {
  readonly label: string;
  readonly href: string;
  readonly isCurrent: boolean;
}[];

/** Components are plain functions: what they show was fetched before. */
export async function pageResponse(page: Page): Promise<Response> {
  const nonce = randomHex(16);
  // A page with its reader's name has the form to sign out.
  const forms = page.forms ?? (page.reader === undefined ? "none" : "self");
  const shell: JSX.Element = <Shell page={page} nonce={nonce} />;
  return new Response(`<!doctype html>${String(await shell)}`, {
    status: page.status ?? 200,
    headers: { ...pageHeaders(nonce, forms, page.isLive), ...page.headers },
  });
}

function Shell({ page, nonce }: { page: Page; nonce: string }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${page.title} · AimDB`}</title>
        <style nonce={nonce}>{raw(STYLE)}</style>
      </head>
      <body>
        <header class="bar">
          <a class="brand" href="/">
            AimDB
          </a>
          {page.nav === undefined || page.nav.length === 0 ? null : <Nav nav={page.nav} />}
          {page.reader === undefined ? null : <Reader {...page.reader} />}
        </header>
        <main class={page.narrow === true ? "narrow" : ""}>{page.body}</main>
        {page.isLive === true ? <script nonce={nonce}>{raw(LIVE_SCRIPT)}</script> : null}
      </body>
    </html>
  );
}

function Nav({ nav }: { nav: PageNav }) {
  return (
    <nav aria-label="Team">
      {nav.map(({ label, href, isCurrent }) =>
        isCurrent ? (
          <a href={href} aria-current="page">
            {label}
          </a>
        ) : (
          <a href={href}>{label}</a>
        ),
      )}
    </nav>
  );
}

function Reader({ displayName, csrfToken }: PageReader) {
  return (
    <>
      <a class="muted" href="/account" title="Your account">
        {displayName}
      </a>
      <form method="post" action="/logout">
        <CsrfField token={csrfToken} />
        <button class="plain">Sign out</button>
      </form>
    </>
  );
}

/** In every form of a signed-in reader. */
export function CsrfField({ token }: { token: string }): JSX.Element {
  return <input type="hidden" name={CSRF_FIELD} value={token} />;
}

/** What was wrong with the last post; screen readers read it at once. */
export function Problem({ text }: { text: string | undefined }): JSX.Element {
  if (text === undefined) return <></>;
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

export function messagePage(
  page: Omit<Page, "body" | "narrow"> & { readonly text: string },
): Promise<Response> {
  const { text, ...rest } = page;
  const body = (
    <section>
      <h1>{rest.title}</h1>
      <p>{text}</p>
    </section>
  );
  return pageResponse({ ...rest, narrow: true, body });
}
