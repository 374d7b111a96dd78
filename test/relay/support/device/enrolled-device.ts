/** A device as it is after `enroll`: its state folder and its own file. */
import { join } from "node:path";
import { writeIdentity } from "../../../../relay/identity/identity.ts";
import { readOrCreateKey } from "../../../../relay/identity/key.ts";
import { identityOf } from "../host-side/builders.ts";
import { freshFolder } from "./fresh-folder.ts";
import { writeConfig } from "./write-config.ts";

export interface EnrolledDevice {
  readonly folder: string;
  readonly state: string;
  readonly configPath: string;
  /** Where its hosts' sockets are looked for. */
  readonly sockets: string;
}

export async function enrolledDevice(linkUrl: URL, toml = ""): Promise<EnrolledDevice> {
  const folder = await freshFolder();
  const state = join(folder, "state");
  const { configPath, sockets } = await writeConfig(folder, toml);
  await readOrCreateKey(state);
  await writeIdentity(state, identityOf({ link_url: linkUrl.href }));
  return { folder, state, configPath, sockets };
}
