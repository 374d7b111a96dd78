/** Sends an enrolled relay's dials through a port of this machine, where a test stands between it and its worker. */
import { readFile, writeFile } from "node:fs/promises";

/** `identityPath`: the relay's `identity.json`. */
export async function redirectLink(identityPath: string, port: number): Promise<void> {
  const identity: unknown = JSON.parse(await readFile(identityPath, "utf8"));
  const link_url = `ws://127.0.0.1:${port}/relay`;
  await writeFile(identityPath, JSON.stringify({ ...Object(identity), link_url }));
}
