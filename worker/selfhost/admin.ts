/** `npm run admin -- …`: an owner's commands, over the management API. */
import { runAdmin } from "./admin/run-admin.ts";
import { inheritedEnvironment } from "./environment.ts";
import { print, tell } from "./output.ts";

// A reader such as `head -1` that has enough goes; the rest of a log need not come.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runAdmin(process.argv.slice(2), inheritedEnvironment(), { print, tell });
