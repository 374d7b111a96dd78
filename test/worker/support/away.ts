/** Relays that had a link a moment ago. */
import { expect, vi } from "vitest";
import type { Principal } from "../../../worker/auth/principal.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { call } from "./calls.ts";
import { connected } from "./connected.ts";
import { enrollDevice, type Device } from "./device.ts";
import { evict } from "./objects.ts";
import { ScriptedRelay } from "./scripted-relay.ts";
import { createTeam, type TestTeam } from "./team.ts";
import { bindings } from "./worker.ts";

export interface Away {
  readonly team: TestTeam;
  readonly device: Device;
  readonly principal: Principal;
}

/** Its object has its team's word on the principal: what comes next waits for nothing but the link. */
async function asked(team: TestTeam, device: Device): Promise<Away> {
  const principal = await team.principal(["aimdb:read", "aimdb:write"]);
  await call(device, principal, { deadlineMs: 1 });
  return { team, device, principal };
}

/** Resolves when the object has seen it. */
export async function breakOff(relay: ScriptedRelay, team: TestTeam, device: Device) {
  await relay.break();
  await vi.waitFor(async () => {
    const described = await relayOf(bindings, device.relay_id).describe({ team: team.id });
    expect(described?.state.name).toBe("offline");
  });
}

export async function broken(): Promise<Away> {
  const { team, device, relay } = await connected();
  await breakOff(relay, team, device);
  return asked(team, device);
}

/** As by a deploy: nobody saw the session end. */
export async function reset(): Promise<Away> {
  const team = await createTeam();
  const device = await enrollDevice(team);
  await ScriptedRelay.connect(device);
  await evict("RELAY", device.relay_id, "close");
  return asked(team, device);
}
