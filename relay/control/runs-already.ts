/**
 * Two relays on one state folder would write to one journal and take the link from each other, so the first one stays.
 */
import type { Environment } from "../environment.ts";
import { connectHost } from "../instances/host/connect.ts";
import { systemClock } from "../clock.ts";
import { askRelay } from "./ask-relay.ts";
import { controlPath } from "./control-path.ts";

/** In words, for the operator; undefined if nobody listens. A process that does not answer still counts. */
export async function runsAlready(environment: Environment): Promise<string | undefined> {
  const path = controlPath(environment);
  const asked = await askRelay(
    { ask: "status" },
    { path, connect: connectHost, clock: systemClock },
  );
  if (!asked.ok && (asked.error.type === "not_running" || asked.error.type === "not_allowed")) {
    return undefined;
  }
  return `A relay runs here already, and listens at ${path}. aimdb-relay status asks it; stop it first, as by systemctl stop aimdb-relay.`;
}
