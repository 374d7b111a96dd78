/** Where things are in a checkout of this project. */
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

export function projectPath(relative: string): string {
  return fileURLToPath(new URL(relative, ROOT));
}

export const WORKER_BUNDLE = projectPath("dist/worker/worker.js");
export const RELAY_BUNDLE = projectPath("dist/aimdb-relay.js");
