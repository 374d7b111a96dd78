import type { RelayLink } from "../link/link.ts";
import type { Offline } from "./offline.ts";

/** False if there is no session within that time, or as soon as none is to be expected. `cause`: the tool call. */
export function untilBack(
  { link, offline }: { readonly link: RelayLink; readonly offline: Offline },
  withinMs: number,
  cause?: string,
): Promise<boolean> {
  const nowMs = Date.now();
  const awaitedMs = offline.awaitedMs(link.session(nowMs), nowMs);
  return link.untilLive(Math.min(withinMs, awaitedMs), cause);
}
