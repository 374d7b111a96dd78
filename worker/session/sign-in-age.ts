/** How long ago a person proved who they are. Pure. */

/** To approve, a person must have proved recently that they are still the one who signed in. */
export const MAX_SIGN_IN_AGE_MS = 15 * 60_000;

/** If nothing says when, it counts as too long ago. */
export function signInAgeMs(
  { provenAtMs }: { readonly provenAtMs: number | null },
  nowMs: number,
): number {
  return provenAtMs === null ? Infinity : nowMs - provenAtMs;
}
