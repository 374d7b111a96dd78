/** What is wrong with a client's request, for a person who decides whether to take it back to the client. */
import { pageResponse } from "../../pages/page.tsx";
import type { Session } from "../../session/read-session.ts";

export interface RefusedPage {
  readonly session: Session;
  readonly description: string;
  /** With the error, as the client expects it. */
  readonly redirectTo: string;
  /** Of that address. */
  readonly host: string;
}

export function refusedPage({
  session,
  description,
  redirectTo,
  host,
}: RefusedPage): Promise<Response> {
  const title = "This client can't be connected";
  const body = (
    <section>
      <h1>{title}</h1>
      <p>{description}. Start again from the client.</p>
      <p class="actions">
        <a class="button plain" href={redirectTo} rel="noreferrer">
          Go on to {host}
        </a>
      </p>
    </section>
  );
  return pageResponse({ title, body, narrow: true, status: 400, reader: session });
}
