/**
 * Two relays on one state folder would write to one journal and take the link from each other, so the first one stays.
 */
import type { Environment } from "../environment.ts";
import { connectHost } from "../instances/host/connect.ts";
import { systemClock } from "../clock.ts";
import { askRelay } from "./ask-relay.ts";
import { controlPath, controlPaths } from "./control-path.ts";

/** In words, for the operator; undefined if nobody listens. */
export async function runsAlready(environment: Environment): Promise<string | undefined> {
  const paths = controlPaths(environment);
  const listens = await Promise.all(paths.map(isListening));
  const path = paths.find((_path, i) => listens[i] === true);
  if (path === undefined) return undefined;
  return path === controlPath(environment)
    ? `A relay runs here already, and listens at ${path}. aimdb-relay status asks it; stop it first, as by systemctl stop aimdb-relay.`
    : `A relay runs with this state already, in another container or service: it listens at ${path}. Stop it first, or give this one a state of its own.`;
}

/** A process that does not answer still counts. */
async function isListening(path: string): Promise<boolean> {
  const asked = await askRelay(
    { ask: "status" },
    { path, connect: connectHost, clock: systemClock },
  );
  return asked.ok || (asked.error.type !== "not_running" && asked.error.type !== "not_allowed");
}
