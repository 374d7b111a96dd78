/** The official client with the built relay as its local server, as an assistant on the host has it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { stringify } from "smol-toml";
import { RELAY_BUNDLE } from "../../../worker/selfhost/project.ts";
import { connect, type ConnectedClient, type Era } from "./mcp.ts";

export interface StdioOptions {
  /** The relay's own, for its file and its state. */
  readonly folder: string;
  /** Keys of the relay's config file. */
  readonly config: Record<string, unknown>;
  readonly era?: Era;
  readonly node?: string;
  readonly bundle?: string;
}

export async function connectStdio({
  folder,
  config,
  era = "auto",
  node = process.execPath,
  bundle = RELAY_BUNDLE,
}: StdioOptions): Promise<ConnectedClient> {
  await mkdir(folder, { recursive: true });
  const configPath = join(folder, "config.toml");
  await writeFile(configPath, stringify(config));
  const transport = new StdioClientTransport({
    command: node,
    args: [bundle, "stdio", "--config", configPath],
    env: { STATE_DIRECTORY: join(folder, "state") },
    stderr: "ignore",
  });
  return connect(transport, era);
}
