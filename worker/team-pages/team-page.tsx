/** `/team`: people and devices with access, and how to end each. */
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { allows } from "#shared/access/scope.ts";
import { roleSchema, scopesOfRole } from "../access/role.ts";
import { navOf } from "../dashboard/nav.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { State, Time } from "../dashboard/shown.tsx";
import { teamUrl } from "../dashboard/team-url.ts";
import { pageResponse, Problem } from "../pages/page.tsx";
import { Clones } from "./clones.tsx";
import { DeleteTeam } from "./delete-team.tsx";
import { End, Form } from "./end.tsx";
import { InvitedAddress } from "./invited-address.tsx";
import { partOf, type Offsets } from "./part.tsx";
import { Secret, type Made } from "./secret.tsx";
import type { TeamContents } from "./team-contents.ts";

export interface TeamPageAnswer {
  /** Just made: this is the only time that it is shown. */
  readonly made?: Made;
  readonly problem?: string;
  /** Sent with an address that is none: shown again, with what is wrong. */
  readonly wrongInvitation?: { readonly email: string; readonly role: string };
  readonly status?: number;
  readonly offsets?: Offsets;
}

interface Shown {
  readonly opened: OpenedPage;
  readonly contents: TeamContents;
  readonly offsets: Offsets;
  readonly wrongInvitation: TeamPageAnswer["wrongInvitation"];
}

export function teamPage(
  opened: OpenedPage,
  contents: TeamContents,
  { made, problem, status, wrongInvitation, offsets = {} }: TeamPageAnswer = {},
): Promise<Response> {
  const isOwner = mayManage(opened);
  const shown = { opened, contents, offsets, wrongInvitation };
  const body = (
    <>
      <h1>{opened.membership.teamName}</h1>
      <p class="lead">You are {opened.membership.role} of this team.</p>
      <Problem text={problem} />
      {made === undefined ? null : <Secret made={made} opened={opened} />}
      <People {...shown} />
      {isOwner ? <Invitations {...shown} /> : null}
      <Relays {...shown} />
      <Clones {...shown} />
      {isOwner ? <JoinTokens {...shown} /> : null}
      <Clients {...shown} />
      <AccessTokens {...shown} />
      {isOwner ? <DeleteTeam opened={opened} /> : null}
    </>
  );
  return pageResponse({
    title: "Team",
    body,
    reader: opened.session,
    nav: navOf(opened, "Team"),
    ...(status === undefined ? {} : { status }),
  });
}

function mayManage({ membership }: OpenedPage): boolean {
  return allows(scopesOfRole(membership.role), "aimdb:admin");
}

function Listing({
  title,
  columns,
  empty,
  rows,
  children,
}: {
  title: string;
  columns: readonly string[];
  empty: string;
  rows: readonly JSX.Element[];
  children?: Child;
}): JSX.Element {
  return (
    <section class="card">
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p class="muted">{empty}</p>
      ) : (
        <div class="scroll">
          <table class="cards">
            <thead>
              <tr>
                {columns.map((column) => (
                  <th scope="col">{column}</th>
                ))}
                <th scope="col">
                  <span class="hidden">Action</span>
                </th>
              </tr>
            </thead>
            <tbody>{rows}</tbody>
          </table>
        </div>
      )}
      {children}
    </section>
  );
}

function Roles({ selected, of }: { selected: string; of?: string }): JSX.Element {
  return (
    <select name="role" aria-label={of === undefined ? "Role" : `Role of ${of}`}>
      {roleSchema.options.map((role) => (
        <option value={role} selected={role === selected}>
          {role}
        </option>
      ))}
    </select>
  );
}

function People(shown: Shown): JSX.Element {
  const { opened, contents } = shown;
  const isOwner = mayManage(opened);
  const { part, pages } = partOf(contents.members, "people", shown);
  const rows = part.map(({ id, displayName, email, role }) => (
    <tr>
      <th scope="row">
        {displayName} <small class="muted block">{email}</small>
      </th>
      <td>
        {isOwner ? (
          <Form opened={opened} action="set_role" target={id}>
            <Roles selected={role} of={displayName} />
            <button class="plain small" aria-label={`Set the role of ${displayName}`}>
              Set
            </button>
          </Form>
        ) : (
          role
        )}
      </td>
      <td class="end">
        {isOwner ? (
          <End
            opened={opened}
            action="remove_member"
            target={id}
            label="Remove"
            of={displayName}
            means="Their access tokens and connected clients of this team end, too. To come back they need a new invitation."
          />
        ) : null}
      </td>
    </tr>
  ));
  return (
    <Listing title="People" columns={["Person", "Role"]} empty="Nobody." rows={rows}>
      {pages}
    </Listing>
  );
}

function Invitations({ opened, contents, wrongInvitation: wrong }: Shown): JSX.Element {
  const rows = contents.invitations.map(({ id, email, role, expiresAtMs }) => (
    <tr>
      <th scope="row">{email ?? "whoever has the link"}</th>
      <td>{role}</td>
      <When is="until" ms={expiresAtMs} />
      <td class="end">
        <End
          opened={opened}
          action="revoke_invitation"
          target={id}
          label="Take back"
          of={`the invitation of ${email ?? "anybody"}`}
        />
      </td>
    </tr>
  ));
  return (
    <Listing
      title="Invitations"
      columns={["For", "Role", "Until"]}
      empty="None is open."
      rows={rows}
    >
      <Form opened={opened} action="invite">
        <InvitedAddress wrong={wrong?.email} />
        <Roles selected={wrong?.role ?? "viewer"} />
        <button>Invite</button>
      </Form>
    </Listing>
  );
}

function Label(props: { opened: OpenedPage; name: string; label: string }): JSX.Element {
  const { opened, name, label } = props;
  return (
    <Form opened={opened} action="label_relay" target={name}>
      <input name="label" maxlength={80} value={label} aria-label={`Label of ${name}`} />
      <button class="plain small" aria-label={`Set the label of ${name}`}>
        Set
      </button>
    </Form>
  );
}

function Relays(shown: Shown): JSX.Element {
  const { opened, contents } = shown;
  const scopes = scopesOfRole(opened.membership.role);
  const mayOperate = allows(scopes, "aimdb:write");
  const { part, pages } = partOf(contents.relays, "relays", shown);
  const rows = part.map(({ name, label, status, enrolledAtMs }) => (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {mayOperate ? (
          <Label opened={opened} name={name} label={label} />
        ) : (
          presentableText(label, 80)
        )}
      </td>
      <td>
        <State name={status} />
      </td>
      <When is="enrolled" ms={enrolledAtMs} />
      <td class="end">
        {mayOperate ? (
          <End
            opened={opened}
            action={status === "active" ? "suspend_relay" : "resume_relay"}
            target={name}
            label={status === "active" ? "Suspend" : "Resume"}
            of={name}
          />
        ) : null}
        {mayManage(opened) ? (
          <End
            opened={opened}
            action="revoke_relay"
            target={name}
            label="Revoke"
            of={name}
            means="Its key is no longer accepted. To let the device in again, somebody has to enroll it there with a new join token. To cut it off only for a while, suspend it instead."
          />
        ) : null}
      </td>
    </tr>
  ));
  return (
    <Listing
      title="Relays"
      columns={["Relay", "Label", "Status", "Enrolled"]}
      empty="None."
      rows={rows}
    >
      {pages}
    </Listing>
  );
}

function JoinTokens({ opened, contents }: Shown): JSX.Element {
  const rows = contents.joinTokens.map(({ id, namePattern, relay, expiresAtMs }) => (
    <tr>
      <th scope="row">
        <code>{namePattern}</code>
      </th>
      <td>{relay === null ? "open" : `used by ${relay}`}</td>
      <When is="until" ms={expiresAtMs} />
      <td class="end">
        <End
          opened={opened}
          action="revoke_join_token"
          target={id}
          label="Take back"
          of={`the join token for ${namePattern}`}
        />
      </td>
    </tr>
  ));
  return (
    <Listing
      title="Join tokens"
      columns={["For relays named", "State", "Until"]}
      empty="None. A gateway needs one to enroll."
      rows={rows}
    >
      <Form opened={opened} action="make_join_token">
        <input
          name="name_pattern"
          placeholder="Relay name or pattern, or empty"
          aria-label="Relay name or pattern"
          maxlength={40}
        />
        <button>Make a join token</button>
      </Form>
    </Listing>
  );
}

function Clients({ opened, contents }: Shown): JSX.Element {
  const { grants, next } = contents.clients;
  const rows = grants.map(({ id, clientName, redirectHost, memberId, scopes }) => (
    <tr>
      <th scope="row">
        {clientName === "" ? "without a name" : presentableText(clientName, 80)}
        <small class="muted block">{redirectHost}</small>
      </th>
      <td>{nameOf(contents, memberId)}</td>
      <td>{scopes.join(" ")}</td>
      <td class="end">
        <End opened={opened} action="revoke_grant" target={id} label="Disconnect" of={clientName} />
      </td>
    </tr>
  ));
  return (
    <Listing
      title="Connected clients"
      columns={["Client", "Acts for", "Scopes"]}
      empty="None has signed in by OAuth."
      rows={rows}
    >
      {next === null ? null : (
        <p class="actions">
          <a class="button plain" href={teamUrl(opened.place, "/team", { clients: next })}>
            More clients
          </a>
        </p>
      )}
    </Listing>
  );
}

function AccessTokens(shown: Shown): JSX.Element {
  const { opened, contents } = shown;
  const { part, pages } = partOf(contents.accessTokens, "tokens", shown);
  const rows = part.map(({ id, label, memberId, scopes, expiresAtMs }) => (
    <tr>
      <th scope="row">{label === "" ? "without a label" : presentableText(label, 80)}</th>
      <td>{memberId === null ? "a service" : nameOf(contents, memberId)}</td>
      <td>{scopes.join(" ")}</td>
      <When is="until" ms={expiresAtMs} />
      <td class="end">
        <End
          opened={opened}
          action="revoke_access_token"
          target={id}
          label="Revoke"
          of={label}
          means="Every program that has it is turned away at once, and needs another."
        />
      </td>
    </tr>
  ));
  return (
    <Listing
      title="Access tokens"
      columns={["Token", "Acts for", "Scopes", "Until"]}
      empty="None. Clients that sign in by OAuth need none."
      rows={rows}
    >
      {pages}
      <Form opened={opened} action="make_access_token">
        <input
          name="label"
          placeholder="What it is for"
          aria-label="What it is for"
          maxlength={80}
          required
        />
        <select name="scope" aria-label="Scope">
          {scopesOfRole(opened.membership.role).map((scope) => (
            <option value={scope}>{scope}</option>
          ))}
        </select>
        <button>Make a token of mine</button>
      </Form>
    </Listing>
  );
}

function nameOf({ members }: TeamContents, memberId: string): string {
  return members.find(({ id }) => id === memberId)?.displayName ?? "somebody who left";
}

/** On a phone, where the table has no column heads, the cell names the column. */
function When({ is, ms }: { is: string; ms: number }): JSX.Element {
  return (
    <td data-is={is}>
      <Time iso={new Date(ms).toISOString()} />
    </td>
  );
}
