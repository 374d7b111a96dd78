/** A team with one device, whose relay is on the line. */
import { enrollDevice, type Device } from "./device.ts";
import { ScriptedRelay } from "./scripted-relay.ts";
import { createTeam, type TestTeam } from "./team.ts";

export interface Connected {
  readonly team: TestTeam;
  readonly device: Device;
  readonly relay: ScriptedRelay;
}

export async function connected(): Promise<Connected> {
  const team = await createTeam();
  const device = await enrollDevice(team);
  return { team, device, relay: await ScriptedRelay.connect(device) };
}
