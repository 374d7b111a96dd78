/** The navigation bar's links: the pages of a team, or the teams of a person. */
import type { PageNav } from "../pages/page.tsx";
import type { Membership } from "../session/memberships.ts";
import type { OpenedPage } from "./open-page.ts";
import { teamUrl } from "./team-url.ts";

const PAGES = {
  Overview: "/",
  Activity: "/activity",
  Team: "/team",
  Connect: "/connect",
  Policy: "/policy",
} as const;

/** `current` is absent on a page that is none of these. */
export function navOf({ place }: Pick<OpenedPage, "place">, current?: keyof typeof PAGES): PageNav {
  return Object.entries(PAGES).map(([label, path]) => ({
    label,
    href: teamUrl(place, path),
    isCurrent: label === current,
  }));
}

/** For a person's page rather than a team's: a link to each of their teams. */
export function navOfTeams(memberships: readonly Membership[]): PageNav {
  return memberships.map(({ teamId, teamName }) => ({
    label: teamName,
    href: teamUrl({ teamId, isOnly: memberships.length === 1 }, "/"),
    isCurrent: false,
  }));
}
