/** `enroll` changes what is stored; a relay that runs goes on as what it started as. */
import type { Identity } from "../identity/identity.ts";
import type { ToldStatus } from "./told-status.ts";

/** In words; undefined if the running relay is what the device is enrolled as. */
export function otherEnrollment(
  told: Pick<ToldStatus, "relay" | "team" | "worker">,
  { relay, team, link_url }: Identity,
): string | undefined {
  const worker = new URL(link_url).host;
  if (told.relay === relay && told.team === team.name && told.worker === worker) return undefined;
  return `the device is enrolled as "${relay}" of team "${team.name}" at ${worker} now, and this relay runs as what it was: restart it`;
}
