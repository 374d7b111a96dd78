/** Claude Code's own word on a server: it connects, and needs no account for that. */
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { TestBed } from "../support/processes/test-bed.ts";
import { stdioCommand } from "../support/clients/stdio-command.ts";
import { runClient } from "./run-client.ts";

const PLATFORM = `${process.platform}-${process.arch}`;
const CLAUDE = projectPath(
  `test/clients/node_modules/@anthropic-ai/claude-code-${PLATFORM}/claude`,
);
const IS_HERE = existsSync(CLAUDE);

if (!IS_HERE) {
  const text = `NO CLAUDE CODE for ${PLATFORM}: it is not tested.`;
  if (process.env["CI"] !== undefined && PLATFORM === "linux-x64") throw new Error(text);
  process.stderr.write(`\n${text}\n`);
}

let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.host("plant");
});

afterAll(() => bed.close());

async function connect(added: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(bed.folder, "claude-"));
  const where = { folder, env: { CLAUDE_CONFIG_DIR: folder } };
  const adding = await runClient([CLAUDE, "mcp", "add", ...added], where);
  const listing = await runClient([CLAUDE, "mcp", "list"], where);
  expect([adding, listing]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  expect([...adding.foreignAddresses, ...listing.foreignAddresses]).toEqual([]);
  return listing.stdout;
}

describe.runIf(IS_HERE)("claude mcp list", () => {
  test("shows the connector URL as connected with a token", async () => {
    const { href } = bed.worker.mcpUrl;
    const header = `Authorization: Bearer ${await bed.worker.createAccessToken()}`;

    const list = await connect(["--transport", "http", "aimdb", href, "--header", header]);

    expect(list).toMatch(/^aimdb: .*Connected$/m);
  });

  test("shows aimdb-relay stdio as connected", async () => {
    const command = await stdioCommand(bed.folder, [bed.socket("plant")]);

    const list = await connect(["aimdb", "--", ...command]);

    expect(list).toMatch(/^aimdb: .*Connected$/m);
  });

  test("does not show a connector URL as connected with a token that is none", async () => {
    const { href } = bed.worker.mcpUrl;
    const header = "Authorization: Bearer none";

    const list = await connect(["--transport", "http", "aimdb", href, "--header", header]);

    expect(list).toMatch(/^aimdb: /m);
    expect(list).not.toMatch(/Connected/);
  });
});
