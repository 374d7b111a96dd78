/** What the team has decided about a relay, apart from whether it is connected. */
import * as z from "zod/mini";

export const relayStatusSchema = z.enum(["active", "suspended", "revoked"]);
export type RelayStatus = z.infer<typeof relayStatusSchema>;
