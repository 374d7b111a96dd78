/** What a team decides about all its relays, as opposed to each relay's status. */
import * as z from "zod/mini";

/** When a second device seems to dial with a relay's key: only alert people, or also cut both devices off. */
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
