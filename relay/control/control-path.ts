/** Where a relay listens for its owner. */
import { join } from "node:path";
import { runtimeFolder, type Environment } from "../environment.ts";

/** The path for a process that serves a client over stdio: there may be several. */
export function stdioControlPath(environment: Environment, processId: number): string {
  return join(runtimeFolder(environment), `stdio-${processId}.sock`);
}

export function isControlSocket(fileName: string): boolean {
  return /^(control|stdio-\d+)\.sock$/.test(fileName);
}

export function controlPath(environment: Environment): string {
  return join(runtimeFolder(environment), "control.sock");
}
