/** `aimdb-relay status`: the state of the relay that runs here. */
import { showByteSize } from "../byte-size.ts";
import { systemClock } from "../clock.ts";
import { askRelay, type AskFailure } from "../control/ask-relay.ts";
import { controlPath } from "../control/control-path.ts";
import { headlineOf } from "../control/describe-relay.ts";
import { HELD_BACK } from "../control/held-back.ts";
import { otherEnrollment } from "../control/other-enrollment.ts";
import type { Problem, RelayStatus } from "../control/relay-status.ts";
import { otherRelease, toldStatusSchema, type ToldStatus } from "../control/told-status.ts";
import { duration } from "../duration.ts";
import { stateFolder, type Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { readIdentity, type Identity } from "../identity/identity.ts";
import { connectHost } from "../instances/host/connect.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { printableLine } from "#shared/text/printable.ts";

/** Ends with 0 only if the relay has a link, so that a health check needs nothing else. */
export async function status(
  { json }: { readonly json: boolean },
  environment: Environment,
): Promise<ExitCode> {
  const relay = await askStatus(environment);
  if (relay === undefined) return EXIT.failed;
  const identity = await readIdentity(stateFolder(environment)).catch(() => undefined);
  const due = restartDue(relay, identity);
  environment.print(
    json
      ? `${JSON.stringify({ ...relay, restart_due: Object.values(due) })}\n`
      : toText(relay, due),
  );
  return relay.link.state === "live" ? EXIT.ok : EXIT.failed;
}

/** Undefined if it can't be had; the operator has been told why. */
export async function askStatus(environment: Environment): Promise<ToldStatus | undefined> {
  const path = controlPath(environment);
  const answer = await askRelay(
    { ask: "status" },
    { path, connect: connectHost, clock: systemClock },
  );
  if (!answer.ok) {
    environment.printError(`${describeFailure(answer.error, path)}\n`);
    return undefined;
  }
  const parsed = safeParse(toldStatusSchema, answer.value);
  if (parsed.success) return parsed.data;
  environment.printError("The relay that runs is of another release. Restart it.\n");
  return undefined;
}

export function describeFailure(failure: AskFailure, path: string): string {
  switch (failure.type) {
    case "not_running":
      return `No relay answers at ${path}. Start it: systemctl start aimdb-relay, or aimdb-relay run.`;
    case "not_allowed":
      return `${path} belongs to another user. Ask as the relay's own user, or as root.`;
    case "refused":
      return `The relay at ${path} says: ${failure.reason}`;
    case "failed":
      return `The relay at ${path} could not be asked: ${failure.reason}.`;
  }
}

/** By what differs between the relay that runs and what is on this device; empty if nothing does. */
function restartDue(
  relay: ToldStatus,
  identity: Identity | undefined,
): Readonly<Record<string, string>> {
  const release = otherRelease(relay);
  const enrollment = identity === undefined ? undefined : otherEnrollment(relay, identity);
  return {
    ...(release === undefined ? {} : { release }),
    ...(enrollment === undefined ? {} : { enrollment }),
  };
}

function toText(relay: ToldStatus, due: Readonly<Record<string, string>>): string {
  return [
    headlineOf(relay),
    ...Object.entries(due).map(([what, why]) => `  ${what.padEnd(12)} ${why}`),
    `  relay        ${relay.relay} of team "${relay.team}", ${relay.version}, process ${relay.pid}, up ${duration(relay.up_ms)}`,
    `  link         ${describeLink(relay)}`,
    `  clock        ${describeClock(relay.link.clock_offset_ms)}`,
    ...(relay.continuity === undefined ? [] : [`  continuity   ${CONTINUITY[relay.continuity]}`]),
    `  calls        ${relay.link.calls_under_way} under way`,
    ...describeTraffic(relay),
    `  samples      ${relay.store.bytes} of ${relay.store.limit_bytes} bytes kept, ${relay.store.dropped_samples} dropped`,
    ...relay.instances.map(describeInstance),
    ...describeNotServed(relay),
    ...relay.skipped.map(({ socket_path, reason }) => `  skipped      ${socket_path}  ${reason}`),
    ...relay.problems.map(describeProblem),
    "",
  ]
    .map(printableLine)
    .join("\n");
}

const CONTINUITY = {
  none: "no welcome of this worker has given a value yet",
  kept: "kept: a copy of this relay's key would be noticed",
  not_stored:
    "not kept: the state folder can't be written, and a copy of this relay's key goes unnoticed",
} as const;

function describeNotServed({ not_served = 0 }: ToldStatus): string[] {
  if (not_served === 0) return [];
  return [`  not served   ${not_served} AimDB processes: there is no place for them`];
}

function describeLink({ link, worker }: ToldStatus): string {
  const since = `${link.state} for ${duration(link.for_ms)}, to ${worker}`;
  if (link.round_trip_ms !== null) {
    const trip = `round trip ${Math.round(link.round_trip_ms)} ms`;
    return `${since}, ${trip}${narrow(link.narrow_per_s)}`;
  }
  if (link.next_dial_in_ms === null) return since;
  return `${since}, next dial in ${duration(link.next_dial_in_ms)}, ${link.failures} failures`;
}

function narrow(perS: number | null = null): string {
  return perS === null ? "" : `, a narrow line of ${(perS / 1_000).toFixed(1)} kB/s`;
}

function describeTraffic({ traffic }: ToldStatus): string[] {
  if (traffic === undefined) return [];
  const { hour, month, passes, until } = traffic;
  const counted = `${used(hour)} this hour, ${used(month)} this month (UTC)`;
  const held = until === null ? "" : `; ${HELD_BACK[passes]} until ${until}`;
  return [`  traffic      ${counted}${held}`];
}

function used({
  sent_bytes,
  received_bytes,
  budget_bytes,
}: RelayStatus["traffic"]["hour"]): string {
  const of = budget_bytes === null ? "" : ` of ${showByteSize(budget_bytes)}`;
  return `${showByteSize(sent_bytes + received_bytes)}${of}`;
}

function describeClock(offsetMs: number | null): string {
  if (offsetMs === null) return "the worker has not said its time";
  const direction = offsetMs < 0 ? "behind" : "ahead of";
  return `${duration(Math.abs(offsetMs))} ${direction} the worker's`;
}

function describeInstance(instance: ToldStatus["instances"][number]): string {
  const { name, socket_path, state, reason, protocol_version, record_count } = instance;
  const what =
    state === "up" ? `AimX ${protocol_version}, ${record_count} records` : (reason ?? "unknown");
  return `  instance     ${name}  ${state}  ${what}  ${socket_path}`;
}

function describeProblem({ time, level, event, fields }: Problem): string {
  const details = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `  ${level.padEnd(11)}  ${time}  ${[event, ...details].join(" ")}`;
}
