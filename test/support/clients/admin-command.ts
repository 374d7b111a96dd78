/** `npm run admin`, as a script runs it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { projectPath } from "../../../worker/selfhost/project.ts";

const run = promisify(execFile);

/** What it prints. Rejects where it ends with another status than 0. */
export async function runAdmin(
  server: { readonly dashboardUrl: string; readonly adminToken: string },
  args: readonly string[],
): Promise<string> {
  const { dashboardUrl, adminToken } = server;
  const { stdout } = await run("npm", ["run", "--silent", "admin", "--", ...args], {
    cwd: projectPath("."),
    env: { ...process.env, AIMDB_URL: dashboardUrl, AIMDB_TOKEN: adminToken },
  });
  return stdout.trim();
}
