/** What a team may set about its log. */
import * as z from "zod/mini";

export const MAX_RETENTION_DAYS = 3_650;

export const teamSettingsSchema = z.object({
  /** Older entries are deleted. */
  retention_days: z.number().check(z.int(), z.minimum(1), z.maximum(MAX_RETENTION_DAYS)),
  /** `strict`: a read is answered once its line is stored, and refused if that fails. */
  audit_reads: z.enum(["batched", "strict"]),
});
export type TeamSettings = z.infer<typeof teamSettingsSchema>;

/** Absent fields stay as they are. */
export const settingsChangeSchema = z.partial(teamSettingsSchema);
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

export type AuditReads = TeamSettings["audit_reads"];
