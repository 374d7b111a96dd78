/** What the commands take from the process; passed in so that tests can replace it. */
import { isAbsolute, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { Log } from "./log.ts";

export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  readonly homeFolder: string;
  readonly userId: number;
  readonly readStdin: () => Promise<string>;
  /** For a command that talks over them. */
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** For the result of a command. */
  readonly print: (text: string) => void;
  /** For the person at the terminal. */
  readonly printError: (text: string) => void;
  readonly log: Log;
  /** Aborts when the process is asked to end. */
  readonly stop: AbortSignal;
  /** The operator asks a running relay to dial now; the returned function stops listening. */
  readonly onHangup: (listener: () => void) => () => void;
}

/** systemd gives several folders as a list; the first is the main one. */
export function stateFolder({ variables, homeFolder }: Environment): string {
  const fromSystemd = variables["STATE_DIRECTORY"]?.split(":", 1)[0];
  if (fromSystemd !== undefined && fromSystemd !== "") return fromSystemd;
  const base = absolute(variables["XDG_STATE_HOME"]) ?? join(homeFolder, ".local", "state");
  return join(base, "aimdb-relay");
}

/** Where a running relay can be asked; gone after a boot if a service manager makes it. */
export function runtimeFolder(environment: Environment): string {
  const fromSystemd = environment.variables["RUNTIME_DIRECTORY"]?.split(":", 1)[0];
  if (fromSystemd !== undefined && fromSystemd !== "") return fromSystemd;
  return stateFolder(environment);
}

/** Where systemd puts what LoadCredential= names; readable for this service alone. */
export function credentialsFolder({ variables }: Environment): string | undefined {
  return absolute(variables["CREDENTIALS_DIRECTORY"]);
}

/** Where configuration is looked for first. */
export function configFolder({ variables, homeFolder }: Environment): string {
  return join(absolute(variables["XDG_CONFIG_HOME"]) ?? join(homeFolder, ".config"), "aimdb-relay");
}

/** The XDG specification: an empty or relative path counts as not set. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
