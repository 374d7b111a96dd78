/** The commands of `npm run admin`, as values: what each asks the management API. Pure. */

export interface AdminCommand {
  /** As it is typed. */
  readonly words: readonly string[];
  /** The one argument that is not an option, as the usage names it. */
  readonly target?: string;
  /** The field of the body that takes it; absent: it is in the path. */
  readonly targetField?: string;
  /** Option to field. The name of an option that takes a number ends in its unit. */
  readonly options?: Readonly<Record<string, AdminOption>>;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:target` stands for the argument. */
  readonly path: string;
  readonly does: string;
  /** Without `--json`, only this field of the answer is printed, so that a shell's variable can take it. */
  readonly shows?: string;
  /** Printed on standard error beside what is shown, so that a shell's variable gets only that. */
  readonly note?: string;
  /** The answer is printed while it arrives, however long it is. */
  readonly isLines?: true;
  /** Without `--json` these fields of the answer are printed, a line each. */
  readonly tells?: readonly string[];
  /** The command fails if this field of the answer is false. */
  readonly passes?: string;
  /** Without `--json`, this list of the answer is printed: a line for each item, with these fields separated by tabs. */
  readonly lists?: { readonly field: string; readonly columns: readonly string[] };
}

export interface AdminOption {
  readonly field: string;
  readonly type: "text" | "number" | "list" | "flag";
  readonly takes?: string;
}

const team: Readonly<Record<string, AdminOption>> = {
  team: { field: "team", type: "text", takes: "ID" },
};

const activityFilters: Readonly<Record<string, AdminOption>> = {
  principal: { field: "principal", type: "text", takes: "ID" },
  action: { field: "action", type: "text", takes: "NAME" },
  target: { field: "target", type: "text", takes: "NAME" },
  outcome: { field: "outcome", type: "text", takes: "WORD" },
  call: { field: "call", type: "text", takes: "ID" },
  since: { field: "since", type: "text", takes: "TIME" },
  until: { field: "until", type: "text", takes: "TIME" },
};

export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  {
    words: ["join-token"],
    options: {
      ...team,
      name: { field: "name_pattern", type: "text", takes: "PATTERN" },
      hours: { field: "expires_in_hours", type: "number", takes: "N" },
    },
    method: "POST",
    path: "/join-tokens",
    does: "a token that lets one relay enroll",
    shows: "token",
  },
  {
    words: ["join-tokens"],
    options: team,
    method: "GET",
    path: "/join-tokens",
    does: "the join tokens that are open, or were used lately",
    lists: { field: "join_tokens", columns: ["id", "name_pattern", "expires_at", "relay"] },
  },
  {
    words: ["join-token", "revoke"],
    target: "ID",
    options: team,
    method: "DELETE",
    path: "/join-tokens/:target",
    does: "take a join token back",
  },
  {
    words: ["access-token"],
    options: {
      ...team,
      label: { field: "label", type: "text", takes: "TEXT" },
      scope: { field: "scopes", type: "list", takes: "SCOPE" },
      days: { field: "expires_in_days", type: "number", takes: "N" },
      service: { field: "service", type: "flag" },
    },
    method: "POST",
    path: "/access-tokens",
    does: "a token for an MCP client, or with aimdb:admin for this command",
    shows: "token",
  },
  {
    words: ["tokens"],
    options: team,
    method: "GET",
    path: "/access-tokens",
    does: "the access tokens",
    lists: {
      field: "access_tokens",
      columns: ["id", "label", "scopes", "member", "expires_at", "last_used"],
    },
  },
  {
    words: ["token", "revoke"],
    target: "ID",
    options: team,
    method: "DELETE",
    path: "/access-tokens/:target",
    does: "revoke an access token",
  },
  {
    words: ["invite"],
    options: {
      ...team,
      role: { field: "role", type: "text", takes: "owner|operator|viewer" },
      email: { field: "email", type: "text", takes: "ADDRESS" },
      hours: { field: "expires_in_hours", type: "number", takes: "N" },
    },
    method: "POST",
    path: "/invitations",
    does: "a link that lets one person into the team",
    shows: "url",
  },
  {
    words: ["invitations"],
    options: team,
    method: "GET",
    path: "/invitations",
    does: "the invitations that are open",
    lists: { field: "invitations", columns: ["id", "role", "email", "expires_at"] },
  },
  {
    words: ["invitation", "revoke"],
    target: "ID",
    options: team,
    method: "DELETE",
    path: "/invitations/:target",
    does: "take an invitation back",
  },
  {
    words: ["owner-link"],
    options: team,
    method: "POST",
    path: "/owner-link",
    does: "a link for the first owner of a team that has none, in place of an earlier one; needs the admin token",
    shows: "url",
    note: "Good once, within a day. A link made earlier for this team is void.",
  },
  {
    words: ["members"],
    options: team,
    method: "GET",
    path: "/members",
    does: "the team's people",
    lists: { field: "members", columns: ["id", "role", "email", "name"] },
  },
  {
    words: ["member", "role"],
    target: "ID",
    options: { ...team, role: { field: "role", type: "text", takes: "owner|operator|viewer" } },
    method: "PATCH",
    path: "/members/:target",
    does: "give a person another role",
    shows: "role",
  },
  {
    words: ["member", "remove"],
    target: "ID",
    options: team,
    method: "DELETE",
    path: "/members/:target",
    does: "remove a person, with their tokens",
  },
  {
    words: ["password-link"],
    target: "ADDRESS",
    targetField: "email",
    method: "POST",
    path: "/password-links",
    does: "a link by which a person who forgot the password chooses another, in place of an earlier link; needs the admin token",
    shows: "url",
    note: "Good once, within an hour. A link made earlier for this person is void.",
  },
  {
    words: ["relays"],
    options: { ...team, after: { field: "after", type: "text", takes: "NAME" } },
    method: "GET",
    path: "/relays",
    does: "the team's relays, forty at a time",
    lists: {
      field: "relays",
      columns: [
        "name",
        "status",
        "connected",
        "relay_version",
        "offline_since",
        "label",
        "clone_suspected",
      ],
    },
  },
  {
    words: ["relay", "rename"],
    target: "NAME",
    options: { ...team, label: { field: "label", type: "text", takes: "TEXT" } },
    method: "PATCH",
    path: "/relays/:target",
    does: "give a relay a label; its name stays",
  },
  {
    words: ["relay", "suspend"],
    target: "NAME",
    options: team,
    method: "POST",
    path: "/relays/:target/suspend",
    does: "cut a relay off until it is resumed",
  },
  {
    words: ["relay", "resume"],
    target: "NAME",
    options: team,
    method: "POST",
    path: "/relays/:target/resume",
    does: "let a suspended relay connect again",
  },
  {
    words: ["relay", "dismiss-clone"],
    target: "NAME",
    options: team,
    method: "POST",
    path: "/relays/:target/dismiss-clone",
    does: "a relay that was seen twice was restored from a backup",
  },
  {
    words: ["relay", "revoke"],
    target: "NAME",
    options: team,
    method: "DELETE",
    path: "/relays/:target",
    does: "take a relay's identity for good, and cut its link at once",
  },
  {
    words: ["activity"],
    options: {
      ...team,
      ...activityFilters,
      before: { field: "before", type: "text", takes: "NEXT" },
      limit: { field: "limit", type: "number", takes: "N" },
    },
    method: "GET",
    path: "/activity",
    does: "the team's log, newest first: who did what, where, how it ended, how long it took",
    lists: {
      field: "activity",
      columns: ["at", "principal", "name", "action", "target", "outcome", "duration_ms", "call_id"],
    },
  },
  {
    words: ["activity", "export"],
    options: { ...team, ...activityFilters },
    method: "GET",
    path: "/activity/export",
    does: "the log as NDJSON, oldest first, with the hashes that chain it",
    isLines: true,
  },
  {
    words: ["activity", "verify"],
    options: { ...team, after: { field: "after", type: "text", takes: "NEXT" } },
    method: "GET",
    path: "/activity/verify",
    does: "whether the log is as it was stored: exit code 1 where it is not",
    tells: ["intact", "checked", "broken_at", "newest", "next"],
    passes: "intact",
  },
  {
    words: ["settings"],
    options: team,
    method: "GET",
    path: "/settings",
    does: "how long the team's log is kept, and whether a read waits for its line",
    tells: ["retention_days", "audit_reads"],
  },
  {
    words: ["settings", "set"],
    options: {
      ...team,
      "retention-days": { field: "retention_days", type: "number", takes: "N" },
      "audit-reads": { field: "audit_reads", type: "text", takes: "batched|strict" },
    },
    method: "PUT",
    path: "/settings",
    does: "change them; what is not named stays",
    tells: ["retention_days", "audit_reads"],
  },
  {
    words: ["teams"],
    method: "GET",
    path: "/teams",
    does: "the teams",
    lists: { field: "teams", columns: ["id", "name"] },
  },
  {
    words: ["team", "create"],
    options: { name: { field: "name", type: "text", takes: "NAME" } },
    method: "POST",
    path: "/teams",
    does: "make a team; needs the admin token",
    shows: "id",
  },
  {
    words: ["team", "delete"],
    options: { ...team, name: { field: "name", type: "text", takes: "NAME" } },
    method: "DELETE",
    path: "/team",
    does: "delete a team for good, with its log; --name is the team's name, to be sure",
  },
];
