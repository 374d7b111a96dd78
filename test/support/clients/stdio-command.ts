/** `aimdb-relay stdio` as a client's configuration names it, with a file of its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "smol-toml";
import { RELAY_BUNDLE } from "../../../worker/selfhost/project.ts";

export async function stdioCommand(
  folder: string,
  sockets: readonly string[],
): Promise<readonly string[]> {
  const home = join(folder, "local");
  await mkdir(home, { recursive: true });
  const config = join(home, "config.toml");
  await writeFile(config, stringify({ allowed_sockets: [...sockets] }));
  return [process.execPath, RELAY_BUNDLE, "stdio", "--config", config];
}
