/** What was done about passwords, as a team's log has it. */
import { actionEntrySchema, type ActionEntry } from "../../../worker/access/audit-entry.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { bindings } from "./worker.ts";

/** Oldest first, without the intents of what ended. */
export async function passwordActionsOf(teamId: string): Promise<ActionEntry[]> {
  const page = { order: "oldest", limit: 100, withIntents: false } as const;
  const lines = (await teamOf(bindings, teamId)?.activity({}, page, Date.now())) ?? [];
  return lines
    .map(({ entry }) => actionEntrySchema.parse(JSON.parse(entry)))
    .filter(({ action }) => action.startsWith("password"));
}
