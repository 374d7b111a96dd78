/** The address of an invitation. */
import { originsOf, type OriginSettings } from "../origins.ts";

/** Its token is in the path, so that the link alone leads a person to the page. */
export function inviteAction(token: string): string {
  return `/invite/${token}`;
}

export function inviteUrl(token: string, settings: OriginSettings): string {
  return new URL(inviteAction(token), originsOf(settings).main).href;
}

/** Undefined for any other path. */
export function inviteTokenOf(path: string): string | undefined {
  return /^\/invite\/([A-Za-z0-9_-]+)$/.exec(path)?.[1];
}
