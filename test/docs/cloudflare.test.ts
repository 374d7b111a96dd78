/** The documented way to Cloudflare, as far as it goes without an account. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod/mini";
import { parseAdminArguments } from "../../worker/selfhost/admin/arguments.ts";
import { originsOf } from "../../worker/origins.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { fencesOf } from "../support/markdown.ts";

const document = readFileSync(projectPath("docs/worker.md"), "utf8");
const [script = ""] = fencesOf(document, "sh cloudflare");
const commands = script.trim().split("\n");

test("a deployment takes five commands", () => {
  expect(commands).toHaveLength(5);
});

test("the deployment passes a dry run, with both origins as custom domains", () => {
  const folder = mkdtempSync(join(tmpdir(), "aimdb-deploy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const deploy = commands.find((command) => command.startsWith("npm run deploy")) ?? "";
  const args = deploy.split(" ").slice("npm run deploy --".split(" ").length);
  const quiet = { WRANGLER_SEND_METRICS: "false", WRANGLER_SEND_ERROR_REPORTS: "false" };

  const dry = spawnSync("npm", ["run", "deploy", "--", ...args, "--dry-run", "--outdir", folder], {
    cwd: projectPath("."),
    encoding: "utf8",
    env: { ...process.env, ...quiet, CLOUDFLARE_API_TOKEN: "", CI: "true" },
  });

  expect({ status: dry.status, output: dry.stdout + dry.stderr }).toMatchObject({
    status: 0,
    output: expect.stringContaining("--dry-run: exiting now."),
  });
  // A variable from the command line is shown as hidden.
  expect(dry.stdout).toContain("env.PUBLIC_URL");
  expect(args.slice(-2)).toEqual(["--var", "PUBLIC_URL:https://aimdb.example.com"]);
  expect(readdirSync(folder)).toContain("worker.js");
  const { main, token } = originsOf({ PUBLIC_URL: "https://aimdb.example.com" });
  const domains = args.filter((_arg, at) => args[at - 1] === "--domain");
  expect(domains).toEqual([main.host, token.host]);
}, 60_000);

test("the secret is one that the Worker reads, and long enough", () => {
  expect(commands[0]).toContain('AIMDB_TOKEN="$(openssl rand -hex 32)"');
  expect(commands[3]).toBe('printf %s "$AIMDB_TOKEN" | npx wrangler secret put ADMIN_TOKEN');
  const words = commands[4]?.split(" -- ")[1]?.split(" ") ?? [];
  expect(parseAdminArguments(words)).toMatchObject({ ok: true });
});

const ruleset = z.object({
  phase: z.literal("http_request_firewall_custom"),
  rules: z.array(z.object({ expression: z.string(), action: z.literal("skip") })),
});

test("the firewall's rule lets through what a client asks for, and no page", () => {
  const [waf = ""] = fencesOf(document, "sh waf");
  const body: unknown = JSON.parse(waf.slice(waf.indexOf("'{") + 1, waf.lastIndexOf("}'") + 1));
  const [rule] = ruleset.parse(body).rules;
  const expression = rule?.expression ?? "";
  const exact: string[] = /uri\.path in \{([^}]*)\}/.exec(expression)?.[1]?.match(/[^" ]+/g) ?? [];
  const starts = Array.from(
    expression.matchAll(/starts_with\(http\.request\.uri\.path, "([^"]+)"\)/g),
    ([, start = ""]) => start,
  );
  const isLet = (path: string) =>
    exact.includes(path) || starts.some((start) => path.startsWith(start));

  for (const path of [
    "/mcp",
    "/authorize",
    "/oauth/token",
    "/oauth/register",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
  ]) {
    expect({ path, isLet: isLet(path) }).toEqual({ path, isLet: true });
  }
  expect(["/", "/login", "/api/v1/relays", "/relay/link"].filter(isLet)).toEqual([]);
});
