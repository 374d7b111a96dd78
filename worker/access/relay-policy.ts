/** What a team decides about its relays, beside each one's status. */
import * as z from "zod/mini";

/** Where a second device seems to dial with a relay's key: tell people, or cut both off as well. */
export const onCloneSchema = z.enum(["alert", "suspend"]);
export type OnClone = z.infer<typeof onCloneSchema>;

export const relayPolicySchema = z.strictObject({
  on_clone: onCloneSchema.check(
    z.describe(
      "When a second device seems to dial with a relay's key: alert says so, suspend also suspends the relay",
    ),
  ),
});
export type RelayPolicy = z.infer<typeof relayPolicySchema>;
