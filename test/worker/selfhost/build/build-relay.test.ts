import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type BuildOptions } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { RELAY_OPTIONS, STDIO_OPTIONS } from "../../../../worker/selfhost/build/build-relay.ts";

const run = promisify(execFile);

async function bundle(options: BuildOptions) {
  const { metafile, outputFiles } = await build({ ...options, write: false, metafile: true });
  return { inputs: Object.keys(metafile?.inputs ?? {}), text: outputFiles?.[0]?.text ?? "" };
}

function ofMcp(inputs: readonly string[]): string[] {
  return inputs.filter((path) => /^shared\/mcp\/|@modelcontextprotocol/.test(path));
}

test("aimdb-relay run carries nothing of the MCP server but a packed text", async () => {
  const [relay, stdio] = await Promise.all([bundle(RELAY_OPTIONS), bundle(STDIO_OPTIONS)]);

  expect(relay.inputs).toContain("relay/commands/run.ts");
  expect(ofMcp(relay.inputs)).toEqual([]);
  expect(stdio.inputs).toContain("shared/mcp/serving/server.ts");
  expect(ofMcp(stdio.inputs)).not.toEqual([]);
  expect(relay.text).not.toContain("modelcontextprotocol");
});

test("the relay's file is ASCII, which Node keeps in one byte per character and not in two", async () => {
  const { text } = await bundle(RELAY_OPTIONS);

  expect(text.split("\n").filter((line) => /[^\0-\x7F]/.test(line))).toEqual([]);
});

test("aimdb-relay stdio unpacks the server and answers with it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ar-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { text } = await bundle(RELAY_OPTIONS);
  await writeFile(join(folder, "aimdb-relay"), text);

  const asked = run(process.execPath, ["aimdb-relay", "stdio"], {
    cwd: folder,
    env: { HOME: folder },
  });
  asked.child.stdin?.end('{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n');

  expect((await asked).stdout).toContain("get_record");
});
