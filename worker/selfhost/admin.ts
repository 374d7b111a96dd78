/** `npm run admin -- …`: what an owner scripts, over the management API. */
import { runAdmin } from "./admin/run-admin.ts";
import { inheritedEnvironment } from "./environment.ts";
import { print, tell } from "./output.ts";

process.exitCode = await runAdmin(process.argv.slice(2), inheritedEnvironment(), { print, tell });
