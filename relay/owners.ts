/** Whose sockets are trusted: root's, the relay's own user's, and those the device file adds. */
import type { Config } from "./config.ts";

const ROOT = 0;

export function trustedOwners(
  { allowedOwners }: Pick<Config, "allowedOwners">,
  userId: number,
): ReadonlySet<number> {
  return new Set([ROOT, userId, ...allowedOwners]);
}
