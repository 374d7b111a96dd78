/** How long ago somebody showed who they are. Pure. */

/** Whoever approves has shown not long ago that they are still the one who signed in. */
export const MAX_SIGN_IN_AGE_MS = 15 * 60_000;

/** Where nobody says when they did, it was too long ago. */
export function signInAgeMs(
  { provenAtMs }: { readonly provenAtMs: number | null },
  nowMs: number,
): number {
  return provenAtMs === null ? Infinity : nowMs - provenAtMs;
}
