/** A relay as its object knows it, without asking the device. */
import { announcesRecord } from "#shared/fleet/announces-record.ts";
import type { AnnouncedInstance, Inventory } from "#shared/link/inventory.ts";
import type { PresenceReport } from "../team/events/events-rpc.ts";
import type { DescribedInstance, RelayDescription } from "./rpc.ts";
import type { Session } from "./link/session.ts";

export function describeRelay(
  session: Session,
  inventory: Inventory | undefined,
  { record, fallbackSinceMs }: { record: string | undefined; fallbackSinceMs: number },
): RelayDescription {
  return {
    state: describeState(session, fallbackSinceMs),
    instances: (inventory?.instances ?? []).map((instance) => describeInstance(instance, record)),
    skipped: (inventory?.skipped ?? []).map(({ reason }) => reason),
  };
}

/** As its team is told. */
export function presenceOf(
  session: Session,
  inventory: Inventory | undefined,
  { fallbackSinceMs, nowMs }: { fallbackSinceMs: number; nowMs: number },
): PresenceReport {
  const isLive = session.name === "live";
  return {
    atMs: nowMs,
    connected: isLive,
    sinceMs: isLive ? session.startedAtMs : (session.sinceMs ?? fallbackSinceMs),
    instances: (inventory?.instances ?? []).map(({ name, state }) => ({ name, state })),
  };
}

function describeState(session: Session, fallbackSinceMs: number): RelayDescription["state"] {
  switch (session.name) {
    case "live": {
      const { clockOffsetMs, relayVersion } = session;
      return { name: "live", clockOffsetMs, relayVersion };
    }
    case "greeting":
    case "draining":
    case "offline":
      return { name: "offline", sinceMs: session.sinceMs ?? fallbackSinceMs };
  }
}

function describeInstance(
  { records, ...instance }: AnnouncedInstance,
  record: string | undefined,
): DescribedInstance {
  return { ...instance, ...announcesRecord(records, record) };
}
