/**
 * What is to be written, over what, by whom; or how it ended. What devices and clients say is shown as plain text.
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { AwaitingWrite, WriteReport } from "#shared/fleet/fleet.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { Time, wholeValue } from "../dashboard/shown.tsx";
import { CsrfField, messagePage, pageResponse, Problem } from "../pages/page.tsx";
import type { Session } from "../session/read-session.ts";
import type { Asker, PendingQuestion } from "./pending-question.ts";

export interface ConfirmPage {
  readonly session: Session;
  readonly pending: PendingQuestion;
  readonly asker: Asker;
  /** False: this person may only look. */
  readonly mayDecide: boolean;
  readonly status?: number;
  readonly problem?: string;
}

export function confirmPage({ status, ...page }: ConfirmPage): Promise<Response> {
  const { report } = page.pending.question;
  const body =
    report.status === "awaiting_confirmation" ? (
      <Question {...page} report={report} />
    ) : (
      <Outcome {...page} report={report} />
    );
  return pageResponse({
    title: "Confirm a write",
    body: <section class="card">{body}</section>,
    reader: page.session,
    ...(status === undefined ? {} : { status }),
  });
}

/** The same for every write that can't be decided here, so that it reveals nothing. */
export function nothingPage(session: Session): Promise<Response> {
  return messagePage({
    title: "There is nothing to confirm",
    status: 404,
    reader: session,
    text: "The question has expired, was never asked, or is not yours to answer. Nothing was written by opening this page.",
  });
}

type Shown = Omit<ConfirmPage, "status">;

function Question({ report, ...page }: Shown & { report: AwaitingWrite }): JSX.Element {
  return (
    <>
      <h1>Write to {presentableText(report.record)}?</h1>
      <p class="lead">Nothing is written until you approve.</p>
      <Problem text={page.problem} />
      <Facts {...page} report={report} />
      <div class="sides">
        <section>
          <h2>Now</h2>
          <pre tabindex={0} aria-label="Value now">
            <code>
              {report.current === undefined
                ? "nothing, or not readable"
                : wholeValue(report.current)}
            </code>
          </pre>
        </section>
        <section class="new">
          <h2>To be written</h2>
          <pre tabindex={0} aria-label="Value to be written">
            <code>{exactText(report.requested)}</code>
          </pre>
        </section>
      </div>
      {page.mayDecide ? (
        <DecisionForm {...page} report={report} />
      ) : (
        <p>Only the person whose client asked can decide this.</p>
      )}
    </>
  );
}

function DecisionForm({
  session,
  pending,
  report,
}: Pick<Shown, "session" | "pending"> & { report: AwaitingWrite }): JSX.Element {
  return (
    <form class="actions" method="post" action={`/confirm/${report.callId}`}>
      <CsrfField token={session.csrfToken} />
      <input type="hidden" name="shown" value={pending.question.shown} />
      <button name="decision" value="approve">
        Approve and write
      </button>
      <button class="plain" name="decision" value="decline">
        Decline
      </button>
    </form>
  );
}

function Facts({ report, pending, asker }: Shown & { report: WriteReport }): JSX.Element {
  const { askedAtMs, principal } = pending.question;
  return (
    <dl class="facts">
      <dt>Asked by</dt>
      <dd>{asker.person ?? `a service (${principal})`}</dd>
      <dt>Through</dt>
      <dd>
        <ClientName {...asker} />
      </dd>
      <dt>Team</dt>
      <dd>{pending.membership.teamName}</dd>
      <dt>Instance</dt>
      <dd>{report.instance}</dd>
      <dt>Record</dt>
      <dd>
        <code>{presentableText(report.record)}</code>
      </dd>
      <dt>Asked at</dt>
      <dd>
        <Time iso={new Date(askedAtMs).toISOString()} />
      </dd>
      {report.status === "awaiting_confirmation" ? (
        <>
          <dt>Expires at</dt>
          <dd>
            <Time iso={report.expiresAt} />
          </dd>
        </>
      ) : null}
    </dl>
  );
}

function ClientName({ client, clientHost }: Asker): JSX.Element {
  if (client === undefined) return <>a credential that is gone by now</>;
  const isToken = clientHost === undefined;
  if (client === "")
    return isToken ? (
      <>an access token without a label</>
    ) : (
      <>a client without a name ({clientHost})</>
    );
  const name = `“${presentableText(client, 80)}”`;
  return isToken ? (
    <>the access token {name}</>
  ) : (
    <>
      {name}, as it calls itself <small class="muted">({clientHost})</small>
    </>
  );
}

function Outcome(page: Shown & { report: WriteReport }): JSX.Element {
  const { title, text } = outcomeText(page.report);
  return (
    <>
      <h1>{title}</h1>
      <p role="status">{text}</p>
      <Facts {...page} />
      <p class="actions">
        <a class="button plain" href={`/confirm/${page.report.callId}`}>
          Look again
        </a>
      </p>
    </>
  );
}

function outcomeText(report: WriteReport): { title: string; text: string } {
  if (report.status === "declined") return { title: "Declined", text: "Nothing was written." };
  if (report.status !== "ended") return { title: "Not decided", text: "Nothing was written." };
  const { outcome } = report;
  switch (outcome.outcome) {
    case "applied":
      return { title: "Written", text: ECHOES[outcome.echo] };
    case "refused":
      return { title: "Refused", text: presentableText(outcome.message) };
    case "not_applied":
      return { title: "Not written", text: presentableText(outcome.message) };
    case "unknown":
      return { title: "Not known yet", text: presentableText(outcome.message) };
  }
}

const ECHOES = {
  same: "The instance took the value and holds it.",
  differs: "The instance took the value. It holds another by now.",
  absent: "The instance took the value.",
} as const;

/** Never cut: nobody should approve what they do not see. */
function exactText(value: JsonValue): string {
  return presentableText(JSON.stringify(value, null, 2), Infinity);
}
