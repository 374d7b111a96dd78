/** The address of the link with which a person chooses a new password. */
import { originsOf, type OriginSettings } from "../origins.ts";

export function passwordLinkAction(token: string): string {
  return `/password/${token}`;
}

export function passwordLinkUrl(token: string, settings: OriginSettings): string {
  return new URL(passwordLinkAction(token), originsOf(settings).main).href;
}
