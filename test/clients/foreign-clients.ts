/** How each foreign client is told to list the tools and to call one. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { projectPath } from "../../worker/selfhost/project.ts";
import { runClient, type ClientRun } from "./run-client.ts";

export type Target =
  | { readonly at: "url"; readonly url: URL; readonly token: string }
  | { readonly at: "command"; readonly command: readonly string[] };

export interface Called {
  readonly tools: readonly string[];
  /** The result as this client gives it on. */
  readonly result: unknown;
  readonly foreignAddresses: readonly string[];
}

export interface ForeignClient {
  readonly name: string;
  /** Lists the tools, then calls `get_record` with these arguments. */
  readonly call: (
    target: Target,
    args: Readonly<Record<string, string>>,
    folder: string,
  ) => Promise<Called>;
}

export const FOREIGN_CLIENTS: readonly ForeignClient[] = [
  inspector("legacy"),
  inspector("modern"),
  driven("@openai/agents"),
  driven("@mastra/mcp"),
];

const listedSchema = z.object({
  result: z.object({ tools: z.array(z.object({ name: z.string() })) }),
});
const calledSchema = z.object({ result: z.object({ structuredContent: z.unknown() }) });
const answerSchema = z.object({ tools: z.array(z.string()), result: z.unknown() });

const INSPECTOR =
  "test/clients/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";

function inspector(era: "legacy" | "modern"): ForeignClient {
  const run = async (target: Target, method: readonly string[], folder: string) => {
    const addressed =
      target.at === "url"
        ? [target.url.href, "--transport", "http", "--header", bearer(target.token)]
        : ["--config", await inspectorConfig(target.command, folder), "--server", "aimdb"];
    const options = [...method, "--protocol-era", era, "--format", "json"];
    const command = [process.execPath, projectPath(INSPECTOR), "--cli", ...addressed, ...options];
    return runClient(command, { folder });
  };
  return {
    name: `MCP Inspector, ${era}`,
    call: async (target, args, folder) => {
      const listed = await run(target, ["--method", "tools/list"], folder);
      const values = Object.entries(args).flatMap(([key, value]) => [
        "--tool-arg",
        `${key}=${value}`,
      ]);
      const calling = ["--method", "tools/call", "--tool-name", "get_record", ...values];
      const called = await run(target, calling, folder);
      const { tools } = listedSchema.parse(jsonOf(listed)).result;
      return {
        tools: tools.map(({ name }) => name),
        result: calledSchema.parse(jsonOf(called)).result.structuredContent,
        foreignAddresses: foreignOf(listed, called),
      };
    },
  };
}

/** A file as people give it to the Inspector; an option after a bare command would be its own. */
async function inspectorConfig(
  [command, ...args]: readonly string[],
  folder: string,
): Promise<string> {
  const path = join(folder, "mcp.json");
  await writeFile(path, JSON.stringify({ mcpServers: { aimdb: { command, args } } }));
  return path;
}

/** A library: `drive-client.ts` is the program around it. */
function driven(library: "@openai/agents" | "@mastra/mcp"): ForeignClient {
  return {
    name: library,
    call: async (target, args, folder) => {
      const run = await runClient([process.execPath, projectPath("test/clients/drive-client.ts")], {
        folder,
        env: { DRIVE: JSON.stringify({ library, target, args }) },
      });
      const { tools, result } = answerSchema.parse(jsonOf(run));
      return { tools, result, foreignAddresses: foreignOf(run) };
    },
  };
}

function bearer(token: string): string {
  return `Authorization: Bearer ${token}`;
}

function jsonOf({ exitCode, stdout, stderr }: ClientRun): unknown {
  if (exitCode !== 0) throw new Error(`It ended with ${exitCode}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

function foreignOf(...runs: readonly ClientRun[]): readonly string[] {
  return runs.flatMap(({ foreignAddresses }) => foreignAddresses);
}
