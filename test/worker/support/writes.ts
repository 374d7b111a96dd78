/** A device whose writes are asked for at its object, and what became of them. */
import type { EndedWrite, WriteReport } from "#shared/fleet/fleet.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import type { WriteResult } from "../../../worker/relay/rpc.ts";
import { enrollDevice, type Device } from "./device.ts";
import { inObject } from "./objects.ts";
import { ScriptedRelay } from "./scripted-relay.ts";
import { createTeam, type TestTeam } from "./team.ts";

export const JOURNAL = "a".repeat(32);
export const APPLIED = { outcome: "applied", record_key: "sensor.temp", echo: "same" } as const;

export interface Begun {
  readonly team: TestTeam;
  readonly device: Device;
  readonly relay: ScriptedRelay;
  readonly writer: Principal;
}

/** A device whose relay keeps a journal. */
export async function connected(): Promise<Begun> {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, undefined, { journal_id: JOURNAL });
  return { team, device, relay, writer: await team.principal(["aimdb:write"]) };
}

export function reportOf(result: WriteResult): WriteReport {
  if (!result.ok) throw new Error(result.failure.message);
  return result.report;
}

export function endOf(result: WriteResult): EndedWrite["outcome"] {
  const report = reportOf(result);
  if (report.status !== "ended") throw new Error(`It is ${report.status}`);
  return report.outcome;
}

/** Entries of the team's log, in their order. */
export function auditOf(team: TestTeam, action = "record.set"): Promise<Record<string, unknown>[]> {
  return inObject("TEAM", team.id, ({ storage: { sql } }) =>
    sql
      .exec<{ entry: string }>("SELECT entry FROM audit WHERE action = ? ORDER BY seq", action)
      .toArray()
      .map(({ entry }) => JSON.parse(entry)),
  );
}
