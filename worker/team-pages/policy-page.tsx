/** `/policy`: what the team lets be written, as the API takes it. */
import { allows } from "#shared/scope.ts";
import { scopesOfRole } from "../access/role.ts";
import { navOf } from "../dashboard/nav.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { teamUrl } from "../dashboard/team-url.ts";
import { CsrfField, pageResponse, Problem } from "../pages/page.tsx";

export interface PolicyAnswer {
  /** JSON: what is stored, or what was entered and not taken. */
  readonly text: string;
  readonly problem?: string;
  readonly isSaved?: boolean;
}

export function policyPage(
  opened: OpenedPage,
  { text, problem, isSaved = false }: PolicyAnswer,
): Promise<Response> {
  const mayEdit = allows(scopesOfRole(opened.membership.role), "aimdb:admin");
  const body = (
    <>
      <h1>Write policy</h1>
      <p class="lead">
        What no rule names is not written. The device's own file comes first, and its stricter word
        wins.
      </p>
      <Problem text={problem} />
      {isSaved ? <p role="status">Saved.</p> : null}
      <section class="card">
        {mayEdit ? (
          <form class="stack" method="post" action={teamUrl(opened.place, "/policy")}>
            <CsrfField token={opened.session.csrfToken} />
            <label>
              Policy, as JSON
              <textarea name="policy" rows={18} spellcheck={false} required>
                {`\n${text}`}
              </textarea>
            </label>
            <p class="actions">
              <button>Save</button>
            </p>
          </form>
        ) : (
          <pre tabindex={0} aria-label="Write policy">
            <code>{text}</code>
          </pre>
        )}
        <p class="muted">
          <code>confirm</code>: <code>human</code> asks a person on a page here, <code>client</code>{" "}
          takes the word of the client, <code>never</code> asks nobody.
        </p>
      </section>
    </>
  );
  return pageResponse({
    title: "Write policy",
    body,
    reader: opened.session,
    nav: navOf(opened, "Policy"),
    ...(problem === undefined ? {} : { status: 400 }),
  });
}
