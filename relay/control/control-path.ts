/** Where a relay listens for its owner. */
import { join } from "node:path";
import { runtimeFolder, type Environment } from "../environment.ts";

export function controlPath(environment: Environment): string {
  return join(runtimeFolder(environment), "control.sock");
}
