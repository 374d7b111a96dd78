/** Which client asks for what, and where the answer goes. Nothing that a client says of itself is believed. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { allows } from "#shared/access/scope.ts";
import { scopesOfRole } from "../../access/role.ts";
import { CsrfField, pageResponse } from "../../pages/page.tsx";
import type { Membership } from "../../session/memberships.ts";
import type { Session } from "../../session/read-session.ts";
import { AUTHORIZE_PATH } from "../library/authorization-server.ts";

export interface Asking {
  /** As the client calls itself. */
  readonly name: string | undefined;
  /** Host of the document that describes the client; undefined if the client registered itself. */
  readonly documentHost: string | undefined;
  readonly redirectHost: string;
  readonly isOnThisMachine: boolean;
  readonly asksToWrite: boolean;
}

export interface ConsentPage {
  readonly asking: Asking;
  readonly session: Session;
  /** The transaction. */
  readonly handle: string;
  readonly headers: Headers;
}

export async function consentPage({
  asking,
  session,
  handle,
  headers,
}: ConsentPage): Promise<Response> {
  const { memberships, csrfToken } = session;
  const body = (
    <section>
      <h1>{asking.name === undefined ? "A client" : `“${asking.name}”`} wants to connect</h1>
      <Facts asking={asking} />
      <form class="stack" method="post" action={AUTHORIZE_PATH}>
        <CsrfField token={csrfToken} />
        <input type="hidden" name="handle" value={handle} />
        <Teams memberships={memberships} />
        {memberships.length === 0 ? null : <Scopes asking={asking} memberships={memberships} />}
        <div class="actions">
          {memberships.length === 0 ? null : (
            <button name="decision" value="allow">
              Allow
            </button>
          )}
          <button class="plain" name="decision" value="deny">
            Deny
          </button>
        </div>
      </form>
    </section>
  );
  const page = await pageResponse({
    title: "Connect a client",
    body,
    narrow: true,
    reader: session,
    // The post ends with a redirect to the client's own address.
    forms: "anywhere",
  });
  for (const cookie of headers.getSetCookie()) page.headers.append("set-cookie", cookie);
  return page;
}

function Facts({ asking }: { asking: Asking }): JSX.Element {
  return (
    <>
      <dl class="facts">
        <dt>Claims to be</dt>
        <dd>{asking.name ?? "nobody in particular"}</dd>
        <dt>Described at</dt>
        <dd>
          {asking.documentHost === undefined
            ? "nowhere: it registered itself, and its name is not verified"
            : asking.documentHost}
        </dd>
        <dt>Sends you to</dt>
        <dd>
          <strong>{asking.redirectHost}</strong>
        </dd>
      </dl>
      {asking.isOnThisMachine ? (
        <p class="problem">
          Access goes to a program on your own computer. Go on only if you have just started to
          connect it from there.
        </p>
      ) : null}
    </>
  );
}

function Teams({ memberships }: { memberships: readonly Membership[] }): JSX.Element {
  const [only, ...others] = memberships;
  if (only === undefined) {
    return (
      <p>You are in no team, so there is nothing to connect to. Ask an owner to invite you.</p>
    );
  }
  if (others.length === 0) {
    return (
      <p>
        <input type="hidden" name="team" value={only.teamId} />
        It will act for you in the team <strong>{only.teamName}</strong>.
      </p>
    );
  }
  return (
    <fieldset>
      <legend>It will act for you in the team</legend>
      {memberships.map(({ teamId, teamName, role }) => (
        <label class="check">
          <input type="radio" name="team" value={teamId} required />
          <span>
            {teamName} <small>as {role}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Scopes({
  asking,
  memberships,
}: {
  asking: Asking;
  memberships: readonly Membership[];
}): JSX.Element {
  const mayWrite = memberships.some(({ role }) => allows(scopesOfRole(role), "aimdb:write"));
  return (
    <fieldset>
      <legend>It may</legend>
      <label class="check">
        <input type="checkbox" checked disabled />
        <span>
          see instances and read records <small>aimdb:read</small>
        </span>
      </label>
      {asking.asksToWrite && mayWrite ? (
        <label class="check">
          <input type="checkbox" name="write" value="1" checked />
          <span>
            write records, as far as your role and each device allow <small>aimdb:write</small>
          </span>
        </label>
      ) : null}
      {asking.asksToWrite && !mayWrite ? (
        <p class="muted">It also asks to write. Your role does not allow that.</p>
      ) : null}
    </fieldset>
  );
}
