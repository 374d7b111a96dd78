/** The pages of a team, as the bar on top names them. */
import type { PageNav } from "../pages/page.tsx";
import type { OpenedPage } from "./open-page.ts";
import { teamUrl } from "./team-url.ts";

const PAGES = {
  Overview: "/",
  Activity: "/activity",
  Team: "/team",
  Connect: "/connect",
  Policy: "/policy",
} as const;

/** `current` is absent for a page that is none of these. */
export function navOf({ place }: Pick<OpenedPage, "place">, current?: keyof typeof PAGES): PageNav {
  return Object.entries(PAGES).map(([label, path]) => ({
    label,
    href: teamUrl(place, path),
    isCurrent: label === current,
  }));
}
