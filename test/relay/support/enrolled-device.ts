/** A device as it is after `enroll`: its state folder and its own file. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeIdentity } from "../../../relay/identity/identity.ts";
import { readOrCreateKey } from "../../../relay/identity/key.ts";
import { identityOf } from "./builders.ts";
import { freshFolder } from "./fresh-folder.ts";

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
  const sockets = join(folder, "s");
  const configPath = join(folder, "relay.toml");
  await mkdir(sockets);
  await writeFile(configPath, `allowed_sockets = ["${sockets}/*.sock"]\n${toml}`);
  await readOrCreateKey(state);
  await writeIdentity(state, identityOf({ link_url: linkUrl.href }));
  return { folder, state, configPath, sockets };
}
