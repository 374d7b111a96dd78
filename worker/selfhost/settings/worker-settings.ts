/** The Worker's settings in wrangler.toml, so that they are stated only there. */
import { readFile } from "node:fs/promises";
import { parse } from "smol-toml";
import * as z from "zod/mini";
import { projectPath } from "../project.ts";

const settingsSchema = z.object({
  compatibility_date: z.string(),
  compatibility_flags: z.array(z.string()),
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.string() })),
  }),
});
export type WorkerSettings = z.infer<typeof settingsSchema>;

export async function readWorkerSettings(): Promise<WorkerSettings> {
  return settingsSchema.parse(parse(await readFile(projectPath("wrangler.toml"), "utf8")));
}
