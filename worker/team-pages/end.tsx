/** The forms of `/team`, and the buttons that end something. */
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { randomHex } from "../auth/secret.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { teamUrl } from "../dashboard/team-url.ts";
import { CsrfField } from "../pages/page.tsx";
import type { Ending, TeamForm } from "./team-forms.ts";

export function Form({
  opened,
  action,
  target,
  children,
}: {
  opened: OpenedPage;
  action: TeamForm["action"];
  target?: string;
  children?: Child;
}): JSX.Element {
  return (
    <form class="inline" method="post" action={teamUrl(opened.place, "/team")}>
      <CsrfField token={opened.session.csrfToken} />
      <input type="hidden" name="action" value={action} />
      {target === undefined ? (
        <input type="hidden" name="new_id" value={randomHex(8)} />
      ) : (
        <input type="hidden" name="target" value={target} />
      )}
      {children}
    </form>
  );
}

interface EndProps {
  readonly opened: OpenedPage;
  readonly action: Ending;
  readonly target: string;
  readonly label: string;
  readonly of: string;
  /** For something that can't be undone here: explained first, and confirmed by a second button. */
  readonly means?: string;
}

export function End({ means, ...props }: EndProps): JSX.Element {
  const { opened, action, target, label, of } = props;
  const form = (
    <Form opened={opened} action={action} target={target}>
      <button class="danger small" aria-label={`${label} ${of}`}>
        {label}
      </button>
    </Form>
  );
  if (means === undefined) return form;
  return (
    <details class="sure">
      <summary aria-label={`${label} ${of} …`}>{label} …</summary>
      <p>{means}</p>
      {form}
    </details>
  );
}
