/** What a team may set about its log. */
import * as z from "zod/mini";

export const MAX_RETENTION_DAYS = 3_650;

export const teamSettingsSchema = z.object({
  /** What is older goes. */
  retention_days: z.number().check(z.int(), z.minimum(1), z.maximum(MAX_RETENTION_DAYS)),
  /** `strict`: a read is answered when its line is stored, and not at all where that fails. */
  audit_reads: z.enum(["batched", "strict"]),
});
export type TeamSettings = z.infer<typeof teamSettingsSchema>;

/** What is absent stays. */
export const settingsChangeSchema = z.partial(teamSettingsSchema);
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export type AuditReads = TeamSettings["audit_reads"];
