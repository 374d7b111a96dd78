/** A part of a page that is drawn anew while the page is open, by the server. */
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Failure } from "#shared/failure.ts";
import { LIVE_REGION_ID } from "../pages/live-script.ts";
import { teamUrl, type TeamPlace } from "./team-url.ts";

/** What the region shows next. */
export interface Drawn {
  readonly fragment: JSX.Element;
  /** Why what it shows, or a part of it, could not be had. */
  readonly failure: Failure | undefined;
}

/** Without a script the region stays as it came. */
export function LiveRegion({ src, children }: { src: string; children?: Child }): JSX.Element {
  return (
    <div id={LIVE_REGION_ID} data-src={src}>
      {children}
    </div>
  );
}

export function liveUrl(
  place: TeamPlace,
  instance: string,
  query: Readonly<Record<string, string>>,
): string {
  return teamUrl(place, `/live/${instance}`, query);
}
