/** Foreign clients that are given the bare URL, and a person who signs in and agrees. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { allow, invitePerson } from "../support/browser/people.ts";
import { TestBed } from "../support/processes/test-bed.ts";
import { ADMIN_TOKEN } from "../support/clients/admin-api.ts";
import type { WebBrowser } from "../support/browser/web-browser.ts";

const MCP_REMOTE = projectPath("test/clients/node_modules/mcp-remote/dist/proxy.js");

const INSPECTOR = projectPath(
  "test/clients/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
);
const PLATFORM = `${process.platform}-${process.arch}`;
const CLAUDE = projectPath(
  `test/clients/node_modules/@anthropic-ai/claude-code-${PLATFORM}/claude`,
);
const SCRIPT = "/usr/bin/script";
const HAS_TERMINAL = existsSync(SCRIPT);
if (!HAS_TERMINAL) {
  process.stderr.write("\nNO SCRIPT(1): clients that sign in at a terminal only are not tested.\n");
}
const CODEX = projectPath("test/clients/node_modules/@openai/codex/bin/codex.js");
const HAS_CLAUDE = existsSync(CLAUDE) && HAS_TERMINAL;
if (!HAS_CLAUDE)
  process.stderr.write(`\nNO CLAUDE CODE for ${PLATFORM}: its sign-in is not tested.\n`);

let bed: TestBed;
let browser: WebBrowser;

beforeAll(async () => {
  bed = await TestBed.withPlant();
  browser = await invitePerson(bed.worker.url, ADMIN_TOKEN);
});

afterAll(() => bed.close());

/** Each address that the client asks its person to open is opened once, and allowed. */
async function agreeTo(output: NodeJS.ReadableStream): Promise<void> {
  const seen = new Set<string>();
  for await (const line of createInterface({ input: output })) {
    const [address] = /http:\/\/[!-~]+?\/authorize\?[!-~]+/.exec(line) ?? [];
    if (address === undefined || seen.has(address)) continue;
    seen.add(address);
    // A client that has its answer may be gone before the browser has one.
    await allow(browser, address).catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error;
    });
  }
}

test.each(["legacy", "auto"])(
  "mcp-remote --protocol %s signs in and calls a tool",
  async (protocol) => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [
        MCP_REMOTE,
        bed.worker.mcpUrl.href,
        "--host",
        "127.0.0.1",
        "--transport",
        "http-only",
        "--protocol",
        protocol,
      ],
      // No PATH: it would open a browser of this machine.
      env: { PATH: "", HOME: `${bed.folder}/home-${protocol}` },
      stderr: "pipe",
    });
    const stderr = transport.stderr?.pipe(new PassThrough());
    if (stderr === undefined) throw new Error("There is no stderr");
    const agreeing = agreeTo(stderr);
    const client = new Client({ name: "behind-mcp-remote", version: "1.0.0" });

    await client.connect(transport, { timeout: 50_000 });
    const { tools } = await client.listTools();
    const result = await client.callTool({
      name: "get_record",
      arguments: { instance: "gw/plant", record_name: "app.readonly" },
    });
    await client.close();
    await agreeing;

    expect(tools.map(({ name }) => name)).toContain("get_record");
    expect(result.structuredContent).toMatchObject({ value: { up: 7 } });
  },
);

test.runIf(HAS_TERMINAL)("MCP Inspector signs in and calls a tool", async () => {
  const folder = await mkdtemp(join(bed.folder, "inspector-"));
  const call = ["--method", "tools/call", "--tool-name", "get_record"];
  const args = ["--tool-arg", "record_name=app.readonly", "--format", "json"];
  const target = ["--cli", bed.worker.mcpUrl.href, "--transport", "http"];

  const { exitCode, output } = await run(
    inTerminal([process.execPath, INSPECTOR, ...target, ...call, ...args]),
    { HOME: folder, MCP_INSPECTOR_SECRET_STORE: "file" },
  );

  expect(output).toContain("app.readonly");
  expect(exitCode).toBe(0);
});

interface Run {
  readonly exitCode: number;
  readonly output: string;
}

/** The person stands by while it runs. */
async function run(command: readonly string[], environment: Record<string, string>): Promise<Run> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    // Open, and silent: at its end some take their terminal for closed.
    stdio: "pipe",
    env: { PATH: process.env["PATH"] ?? "", BROWSER: "/bin/false", ...QUIET, ...environment },
  });
  const exited = new Promise<number>((resolve) => child.on("exit", (code) => resolve(code ?? -1)));
  let output = "";
  const both = new PassThrough();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      both.write(chunk);
    });
  }
  const agreeing = agreeTo(both);
  const exitCode = await exited;
  child.stdin.end();
  both.end();
  await agreeing;
  return { exitCode, output };
}

/** For a program that asks its person only at a terminal; one wide enough for an address. */
function inTerminal(command: readonly string[]): readonly string[] {
  const quoted = command.map((word) => `'${word}'`).join(" ");
  return [SCRIPT, "-qefc", `stty cols 4000; exec ${quoted}`, "/dev/null"];
}

/** Nothing phones home. */
const QUIET = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_TELEMETRY: "1",
};

describe.runIf(HAS_CLAUDE)("Claude Code", () => {
  test("signs in with the bare URL, and is connected", async () => {
    const folder = await mkdtemp(join(bed.folder, "claude-"));
    const environment = { HOME: folder, CLAUDE_CONFIG_DIR: folder };
    const { href } = bed.worker.mcpUrl;

    await run([CLAUDE, "mcp", "add", "--transport", "http", "aimdb", href], environment);
    const login = await run(
      inTerminal([CLAUDE, "mcp", "login", "--no-browser", "aimdb"]),
      environment,
    );
    const list = await run([CLAUDE, "mcp", "list"], environment);

    expect(login).toMatchObject({ exitCode: 0 });
    expect(list.output).toMatch(/^aimdb: .*Connected$/m);
  });
});

test("Codex signs in with the bare URL", async () => {
  const folder = await mkdtemp(join(bed.folder, "codex-"));
  const environment = { HOME: folder, CODEX_HOME: folder };
  const { href } = bed.worker.mcpUrl;
  // A machine without a keyring, as a server is.
  const keyring = ["-c", 'mcp_oauth_credentials_store="file"'];
  const settings = [...keyring, "-c", "analytics.enabled=false"];

  const added = await run(
    [process.execPath, CODEX, ...settings, "mcp", "add", "aimdb", "--url", href],
    environment,
  );
  const login = await run(
    [process.execPath, CODEX, ...settings, "mcp", "login", "aimdb"],
    environment,
  );
  const list = await run([process.execPath, CODEX, ...settings, "mcp", "list"], environment);

  expect(added.output + login.output).toContain("Successfully logged in");
  expect(login.exitCode).toBe(0);
  expect(list.output).toMatch(/aimdb .*OAuth/);
});
