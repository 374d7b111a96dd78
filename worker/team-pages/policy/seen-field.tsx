/**
 * The version of the policy that a form began with, so that it does not replace a change that its sender has not
 * seen.
 */
import type { JSX } from "hono/jsx/jsx-runtime";

export const SEEN_FIELD = "seen";

export function SeenField({ version }: { version: string }): JSX.Element {
  return <input type="hidden" name={SEEN_FIELD} value={version} />;
}
