/** A device's own file, and the folder where its hosts' sockets are looked for. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export async function writeConfig(
  folder: string,
  toml = "",
): Promise<{ readonly configPath: string; readonly sockets: string }> {
  const sockets = join(folder, "s");
  const configPath = join(folder, "relay.toml");
  await mkdir(sockets);
  await writeFile(configPath, `allowed_sockets = ["${sockets}/*.sock"]\n${toml}`);
  return { configPath, sockets };
}
