/** Which instances a call is about: named, a glob, a socket path, or left out. */
import * as z from "zod/mini";
import { failure, type Failure } from "../../failure.ts";
import type { Fleet, InstanceOverview, InstanceRow } from "../../fleet/fleet.ts";
import { isGlob, matchesGlob } from "../../text/glob.ts";
import { parseInstanceId } from "../../instance-id.ts";
import { nearestNames } from "../../text/nearest.ts";
import { err, ok, type Result } from "../../result.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentableText } from "../answers/presentable.ts";

const MAX_SELECTOR_LENGTH = 300;

export const instanceInput = z.optional(
  z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(MAX_SELECTOR_LENGTH),
      z.describe('Instance id ("gw-1/plant"), unique name, or for reads a glob.'),
    ),
);
export const socketInput = z.optional(
  z
    .string()
    .check(z.minLength(1), z.maxLength(MAX_SELECTOR_LENGTH), z.describe("Or its socket path.")),
);

export interface Selector {
  readonly instance?: string | undefined;
  readonly socket?: string | undefined;
  /** The record in question; without a named instance, only instances that may have it are meant. */
  readonly record?: string | undefined;
  /** Its value in each of them is asked for next. */
  readonly willGet?: boolean | undefined;
}

/** At least one instance id. A named one is taken as it is: the call itself finds out. */
export async function selectInstances(
  fleet: Fleet,
  selector: Selector,
): Promise<Result<readonly [string, ...string[]], Failure>> {
  const { instance } = selector;
  if (instance !== undefined && parseInstanceId(instance) !== undefined) return ok([instance]);
  const rows = await selectKnown(fleet, selector);
  if (!rows.ok) return rows;
  const [first, ...rest] = rows.value;
  return ok([first.instance, ...rest.map(byInstance)]);
}

/** At least one instance, with what is known of it without asking the device. */
export async function selectKnown(
  fleet: Fleet,
  { instance, socket, record, willGet }: Selector,
): Promise<Result<Rows, Failure>> {
  const areAllMeant = instance === undefined && socket === undefined;
  const overview = await fleet.instances({ record, willGet: willGet === true && areAllMeant });
  const { instances, failed } = overview;
  const relay = instance === undefined ? undefined : parseInstanceId(instance)?.relay;
  const silent = failed.find((one) => one.relay === relay);
  if (silent !== undefined) return err(silent.failure);
  if (instances.length === 0) return err(noInstances(overview));
  if (instance !== undefined) return selectByName(instances, instance);
  if (socket !== undefined) return selectBySocket(instances, socket);
  return selectByRecord(instances, record);
}

type Rows = readonly [InstanceRow, ...InstanceRow[]];

/** Exactly one, for what must not happen twice. */
export async function selectOneInstance(
  fleet: Fleet,
  selector: Selector,
): Promise<Result<string, Failure>> {
  const selected = await selectInstances(fleet, selector);
  if (!selected.ok) return selected;
  const [only, ...others] = selected.value;
  return others.length === 0 ? ok(only) : err(ambiguous(selected.value));
}

const MAX_CANDIDATES = 20;

function ambiguous(instances: readonly string[]): Failure {
  const candidates = instances.slice(0, MAX_CANDIDATES);
  const message = `This needs exactly one instance. Name one: ${candidates.join(", ")}.`;
  return failure("ambiguous_instance", message, { candidates });
}

/** With the same advice as `discover_instances` gives. */
export function adviceForNone({ relayCount, skipped, failed }: InstanceOverview): string {
  if (relayCount === 0) {
    return "No relay is enrolled in this team yet. Run aimdb-relay enroll on the AimDB host.";
  }
  if (failed.length > 0) return "The team's relays did not answer in time. Try again.";
  const reasons = [...new Set(skipped.map(({ reason }) => reason))]
    .slice(0, 3)
    .map((reason) => presentableText(reason, MAX_REASON_LENGTH));
  const seen = reasons.length > 0 ? ` It found sockets and skipped them: ${reasons.join(" ")}` : "";
  return `No relay has found an AimDB instance. Start AimDB with remote access on the relay's host, or set allowed_sockets there.${seen}`;
}

function noInstances(overview: InstanceOverview): Failure {
  return failure("no_instances", adviceForNone(overview));
}

type Selected = Result<Rows, Failure>;

function toSelected(rows: readonly InstanceRow[], otherwise: () => Failure): Selected {
  const [first, ...rest] = rows;
  return first === undefined ? err(otherwise()) : ok([first, ...rest]);
}

/** An id, a glob over ids, or a bare name. */
function selectByName(instances: readonly InstanceRow[], name: string): Selected {
  const matches = isGlob(name)
    ? instances.filter(({ instance }) => matchesGlob(name, instance))
    : instances.filter((row) => row.name === name || row.instance === name);
  const byName = name.includes("/") ? byInstance : (row: InstanceRow) => row.name;
  return toSelected(matches, () => unknownInstance(name, instances, byName));
}

/** A path names an instance only if one host has it: the same path on two hosts means two instances. */
function selectBySocket(instances: readonly InstanceRow[], socket: string): Selected {
  const matches = instances.filter(({ socket_path }) => socket_path === socket);
  if (matches.length > 1) return err(ambiguous(matches.map(({ instance }) => instance)));
  return toSelected(matches, () =>
    unknownInstance(socket, instances, ({ socket_path }) => socket_path),
  );
}

function byInstance({ instance }: InstanceRow): string {
  return instance;
}

const MAX_NEAREST = 5;

/** With those of a relay of that name, or whose name of the same kind is closest to what was asked for. */
function unknownInstance(
  wanted: string,
  instances: readonly InstanceRow[],
  nameOf: (row: InstanceRow) => string,
): Failure {
  const close = nearestNames(wanted, new Set(instances.map(nameOf)));
  const ofRelay = instances.filter(({ relay }) => relay === wanted);
  const ofName = close.flatMap((name) => instances.filter((row) => nameOf(row) === name));
  const nearest = [...new Set([...ofRelay, ...ofName].map(byInstance))].slice(0, MAX_NEAREST);
  const hint = nearest.length > 0 ? ` Nearest: ${nearest.join(", ")}.` : "";
  return failure("unknown_instance", `There is no such instance.${hint} Call discover_instances.`, {
    nearest,
  });
}

/** With a single instance its own answer says more than "nobody has it". */
function selectByRecord(instances: readonly InstanceRow[], record: string | undefined): Selected {
  if (record === undefined || instances.length === 1) {
    return toSelected(instances, () => failure("no_instances", "There is no instance."));
  }
  const having = instances.filter(({ hasRecord }) => hasRecord !== false);
  return toSelected(having, () => nobodyHas(instances, record));
}

function nobodyHas(instances: readonly InstanceRow[], record: string): Failure {
  const names = new Set(instances.flatMap(({ nearestRecords = [] }) => nearestRecords));
  const ofLikeKey = nearestNames(record, names);
  const nearest = ofLikeKey.length > 0 ? ofLikeKey : [...names].slice(0, MAX_NEAREST);
  const hint = nearest.length > 0 ? ` Nearest: ${nearest.join(", ")}.` : "";
  const message = `None of the ${instances.length} instances has this record.${hint} Call list_records.`;
  return failure("unknown_record", message, { nearest });
}
