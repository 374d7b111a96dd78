/** A part of a page that the server draws anew while the page is open. */
import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Failure } from "#shared/failure.ts";
import { LIVE_REGION_ID, LIVE_STATE_ID } from "../pages/live-script.ts";
import { teamUrl, type TeamPlace } from "./team-url.ts";

/** What the region shows next. */
export interface Drawn {
  readonly fragment: JSX.Element;
  /** Why all or a part of what it shows could not be read. */
  readonly failure: Failure | undefined;
}

/** Without a script the region stays as it was delivered. */
export function LiveRegion({ src, children }: { src: string; children?: Child }): JSX.Element {
  return (
    <>
      <p id={LIVE_STATE_ID} role="status"></p>
      <div id={LIVE_REGION_ID} data-src={src}>
        {children}
      </div>
    </>
  );
}

export function liveUrl(
  place: TeamPlace,
  instance: string,
  query: Readonly<Record<string, string>>,
): string {
  return teamUrl(place, `/live/${instance}`, query);
}
