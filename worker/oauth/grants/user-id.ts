/**
 * What the OAuth library calls a user: a person in a team. It is part of every code and token, so each can be
 * routed to its team's object. Pure.
 */

export interface Holder {
  readonly team: string;
  readonly account: string;
}

export function toUserId({ team, account }: Holder): string {
  return `${team}.${account}`;
}

const TOKEN = /^([0-9a-f]{64})\.([0-9a-f]{64}):([A-Za-z0-9_-]{16}):[A-Za-z0-9_-]{32}$/;

export interface NamedGrant extends Holder {
  readonly grant: string;
}

/** The holder and grant that a code, an access token or a refresh token claims; undefined for any other text. */
export function namedGrantOf(token: string): NamedGrant | undefined {
  const [, team, account, grant] = TOKEN.exec(token) ?? [];
  if (team === undefined || account === undefined || grant === undefined) return undefined;
  return { team, account, grant };
}

export function grantKey({ grant, ...holder }: NamedGrant): string {
  return `grant:${toUserId(holder)}:${grant}`;
}

const KEY = /^(?:grant:[^:]+:([A-Za-z0-9_-]{16})|token:[^:]+:([A-Za-z0-9_-]{16}):.+)$/;

/** The grant that a stored entry is, or that a token's entry belongs to. */
export function grantOfKey(key: string): string | undefined {
  const [, grant, ofToken] = KEY.exec(key) ?? [];
  return grant ?? ofToken;
}
