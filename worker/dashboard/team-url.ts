/** Addresses of a team's pages. A person who is in one team only never sees its id. Pure. */

export interface TeamPlace {
  readonly teamId: string;
  /** The person's only team. */
  readonly isOnly: boolean;
}

export function teamUrl(
  { teamId, isOnly }: TeamPlace,
  path: string,
  query: Readonly<Record<string, string>> = {},
): string {
  const all = new URLSearchParams(isOnly ? query : { ...query, team: teamId }).toString();
  return all === "" ? path : `${path}?${all}`;
}

/** `instance` is `<relay>/<name>`; both are safe in a path. */
export function instanceUrl(place: TeamPlace, instance: string, query = {}): string {
  return teamUrl(place, `/relays/${instance}`, query);
}

/** A record's key may contain anything, so it is not part of the path. */
export function recordUrl(place: TeamPlace, instance: string, record: string): string {
  return teamUrl(place, `/relays/${instance}/record`, { key: record });
}
