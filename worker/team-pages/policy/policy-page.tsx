/** `/policy`: what the team allows to be written, in words, as a form, and as the API takes it. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { allows } from "#shared/access/scope.ts";
import { scopesOfRole } from "../../access/role.ts";
import type { WritePolicy } from "../../access/write-policy.ts";
import { navOf } from "../../dashboard/nav.ts";
import type { OpenedPage } from "../../dashboard/open-page.ts";
import { teamUrl } from "../../dashboard/team-url.ts";
import { CsrfField, pageResponse, Problem } from "../../pages/page.tsx";
import { versionOf } from "../../team/rights/stored-policy.ts";
import { PolicyForm, type PolicyDraft } from "./policy-form.tsx";
import { RatesInWords, RuleInWords } from "./rule-in-words.tsx";
import { SeenField } from "./seen-field.tsx";

export interface PolicyAnswer {
  readonly stored: WritePolicy;
  /** What the form shows; a string says why no form can show the policy. */
  readonly draft: PolicyDraft | string;
  /** JSON that was entered and not accepted. */
  readonly json?: string;
  readonly problem?: string;
  /** The result of the last button pressed. */
  readonly status?: string | undefined;
}

export function policyPage(opened: OpenedPage, answer: PolicyAnswer): Promise<Response> {
  const { stored, draft, json, problem, status } = answer;
  const text = json ?? JSON.stringify(stored, null, 2);
  const mayEdit = allows(scopesOfRole(opened.membership.role), "aimdb:admin");
  const isJsonOpen = json !== undefined || typeof draft === "string";
  const body = (
    <>
      <h1>Write policy</h1>
      <p class="lead">
        A record that no rule names can't be written. If several rules match, in whatever order, the
        strictest applies. The device's own file also applies wherever it is stricter.
      </p>
      <Problem text={problem} />
      {status === undefined ? null : <p role="status">{status}</p>}
      {mayEdit ? <Edit opened={opened} draft={draft} /> : <InWords policy={stored} />}
      <details class="card" open={mayEdit && isJsonOpen}>
        <summary>As JSON</summary>
        {mayEdit ? (
          <JsonForm opened={opened} text={text} seen={versionOf(stored)} />
        ) : (
          <Json text={text} />
        )}
        <p class="muted">
          <code>confirm</code>: <code>human</code> asks a person on a page here, <code>client</code>{" "}
          lets the client ask its user, <code>never</code> asks nobody.
        </p>
      </details>
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

function Edit({ opened, draft }: { opened: OpenedPage; draft: PolicyDraft | string }): JSX.Element {
  return (
    <section class="card">
      {typeof draft === "string" ? (
        <p>The policy {draft}, which this form can't show. Change it as JSON.</p>
      ) : (
        <PolicyForm opened={opened} draft={draft} />
      )}
    </section>
  );
}

function InWords({ policy }: { policy: WritePolicy }): JSX.Element {
  return (
    <section class="card">
      {policy.rules.length === 0 ? <p>There is no rule: nothing is written.</p> : null}
      <ul class="words">
        {policy.rules.map((rule) => (
          <li>
            <RuleInWords rule={rule} />
          </li>
        ))}
      </ul>
      <p>
        <RatesInWords policy={policy} />
      </p>
    </section>
  );
}

function JsonForm({
  opened,
  text,
  seen,
}: {
  opened: OpenedPage;
  text: string;
  seen: string;
}): JSX.Element {
  return (
    <form class="stack" method="post" action={teamUrl(opened.place, "/policy")}>
      <CsrfField token={opened.session.csrfToken} />
      <SeenField version={seen} />
      <label>
        Policy, as JSON
        <textarea name="policy" rows={18} spellcheck={false} required>
          {`\n${text}`}
        </textarea>
      </label>
      <p class="actions">
        <button>Save the JSON</button>
      </p>
    </form>
  );
}

function Json({ text }: { text: string }): JSX.Element {
  return (
    <pre tabindex={0} aria-label="Write policy">
      <code>{text}</code>
    </pre>
  );
}
