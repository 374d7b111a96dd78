/** Where a relay listens for its owner. */
import { join } from "node:path";
import { runtimeFolder, stateFolder, type Environment } from "../environment.ts";

const CONTROL_SOCKET = "control.sock";

/** The path for a process that serves a client over stdio: there may be several. */
export function stdioControlPath(environment: Environment, processId: number): string {
  return join(runtimeFolder(environment), `stdio-${processId}.sock`);
}

export function isControlSocket(fileName: string): boolean {
  return /^(control|stdio-\d+)\.sock$/.test(fileName);
}

export function controlPath(environment: Environment): string {
  return join(runtimeFolder(environment), CONTROL_SOCKET);
}

/**
 * Where a running relay can be found. The state folder has a socket too: a second container with the same volume has a
 * runtime folder and process ids of its own, but the kernel connects it by the file, and refuses once the process is gone.
 */
export function controlPaths(environment: Environment): readonly string[] {
  return [...new Set([controlPath(environment), join(stateFolder(environment), CONTROL_SOCKET)])];
}
