/** The official suite's scenarios of an authorization server, through the real pages. */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimPort } from "../../worker/selfhost/settings/ports.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { allow, invitePerson } from "../support/browser/people.ts";
import { ADMIN_TOKEN } from "../support/clients/admin-api.ts";
import { startTestWorker, type TestWorker } from "../support/processes/test-worker.ts";
import type { WebBrowser } from "../support/browser/web-browser.ts";

const SUITE = projectPath("test/conformance/suite/node_modules/conformance-0.2/dist/index.js");

let folder: string;
let worker: TestWorker;
let browser: WebBrowser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-conformance-"));
  // As on Cloudflare: the suite looks for it, and sends no such client.
  worker = await startTestWorker(undefined, { CLIENT_METADATA_DOCUMENTS: "1" });
  browser = await invitePerson(worker.url, ADMIN_TOKEN);
});

afterAll(async () => {
  await worker?.close();
  await rm(folder, { recursive: true, force: true });
});

test("the authorization scenarios of 0.2 pass, every check of them", async () => {
  const port = await claimPort("127.0.0.1", 0);
  const clientId = await register(`http://127.0.0.1:${port}/callback`);

  const exitCode = await runSuite([
    `--url=${worker.url.origin}`,
    `--resource=${worker.mcpUrl.href}`,
    `--client-id=${clientId}`,
    `--port=${port}`,
    `--output-dir=${folder}`,
  ]);

  const checks = await readChecks();
  expect(checks.filter(({ status }) => status !== "SUCCESS")).toEqual([]);
  expect(checks.length).toBeGreaterThanOrEqual(3);
  expect(exitCode).toBe(0);
});

async function register(redirectUri: string): Promise<string> {
  const response = await fetch(new URL("/oauth/register", worker.url), {
    method: "POST",
    body: JSON.stringify({
      client_name: "Conformance",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    }),
  });
  return ((await response.json()) as { client_id: string }).client_id;
}

/** The suite prints the address a person has to open; the person opens it and allows. */
async function runSuite(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [SUITE, "authorization", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number>((resolve) => child.on("exit", (code) => resolve(code ?? -1)));
  for await (const line of createInterface({ input: child.stdout })) {
    const [address] = /http:\/\/\S+\/authorize\?\S+/.exec(line) ?? [];
    if (address !== undefined) await allow(browser, address);
  }
  return exited;
}

interface Check {
  readonly id: string;
  readonly status: string;
}

async function readChecks(): Promise<Check[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    name.endsWith("checks.json"),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => JSON.parse(text) as Check[]);
}
