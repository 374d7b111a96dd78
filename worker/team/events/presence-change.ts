/** What readers are told about a relay, and which part of it is news. Pure. */
import { formatInstanceId } from "#shared/instance-id.ts";
import type { RelayStatus } from "../../relay/status.ts";
import type { PresenceEvent, PresenceReport, RelayPresence } from "./events-rpc.ts";

export interface RelayFacts {
  readonly name: string;
  readonly label: string;
  readonly status: RelayStatus;
}

/** What happened to a relay, apart from its instances. */
export type RelayChange =
  | "enrolled"
  | "connected"
  | "disconnected"
  | "renamed"
  | "suspended"
  | "resumed"
  | "revoked";

type News = Omit<PresenceEvent, "seq">;

export function presenceOf(
  { name: relay, label, status }: RelayFacts,
  report: PresenceReport | undefined,
): RelayPresence {
  const { connected = null, instances = [] } = report ?? {};
  return {
    relay,
    label,
    status,
    connected,
    since: report === undefined ? null : new Date(report.sinceMs).toISOString(),
    instances: instances.map(({ name, state }) => ({
      instance: formatInstanceId({ relay, name }),
      status: connected === true ? state : "offline",
    })),
  };
}

export function relayNews(
  facts: RelayFacts,
  report: PresenceReport | undefined,
  { change, atMs }: { readonly change: RelayChange; readonly atMs: number },
): News {
  const at = new Date(atMs).toISOString();
  return { event: "relay", data: { change, ...presenceOf(facts, report), at } };
}

/**
 * If a relay came or went, it is reported with all its instances; while it is there, each instance is by itself.
 */
export function newsOf(
  facts: RelayFacts,
  before: PresenceReport | undefined,
  after: PresenceReport,
): News[] {
  if (before?.connected !== after.connected) {
    const change = after.connected ? "connected" : "disconnected";
    return [relayNews(facts, after, { change, atMs: after.atMs })];
  }
  if (!after.connected) return [];
  const at = new Date(after.atMs).toISOString();
  const states = new Map(before.instances.map(({ name, state }) => [name, state]));
  const present = new Set(after.instances.map(({ name }) => name));
  const gone = before.instances.filter(({ name }) => !present.has(name));
  const moved = after.instances.filter(({ name, state }) => states.get(name) !== state);
  const told = [
    ...moved.map(({ name, state }) => ({ name, status: state })),
    ...gone.map(({ name }) => ({ name, status: "gone" })),
  ];
  return told.map(({ name, status }) => ({
    event: "instance",
    data: { instance: formatInstanceId({ relay: facts.name, name }), status, at },
  }));
}
