/** A team on `npm start`: its first owner, a second person, a relay, tokens, and `npm run admin`. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { fencesOf } from "../support/markdown.ts";
import { runAdmin } from "../support/clients/admin-command.ts";
import { connectClient } from "../support/clients/mcp.ts";
import { isRunning, NpmProcess } from "../support/processes/npm-process.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { untilStatus } from "../support/processes/test-bed.ts";
import { WebBrowser } from "../support/browser/web-browser.ts";

const run = promisify(execFile);

interface StartLine {
  readonly mcpUrl: string;
  readonly dashboardUrl: string;
  readonly adminToken: string;
  readonly ownerUrl: string;
}

let folder: string;
let host: Simulator;
let server: NpmProcess;
let line: StartLine;
const owner = new WebBrowser();

const page = (path: string) => new URL(path, line.dashboardUrl);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-people-"));
  const socketPath = join(folder, "plant.sock");
  host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
  server = new NpmProcess("start", ["--port", "0", "--state", join(folder, "state"), "--json"]);
  line = await server.firstLine<StartLine>();
  await owner.post(line.ownerUrl, {
    name: "Ada L.",
    email: "ada@example.com",
    password: "correct horse battery",
  });
});

afterAll(async () => {
  await server?.end("npm").catch(() => {});
  await host?.close();
  await rm(folder, { recursive: true, force: true });
});

function admin(...args: string[]): Promise<string> {
  return runAdmin(line, args);
}

async function membersSeenBy(browser: WebBrowser): Promise<string[]> {
  const { text } = await browser.get(page("/api/v1/members"));
  const { members } = JSON.parse(text) as { members: { email: string; role: string }[] };
  return members.map(({ email, role }) => `${email} ${role}`);
}

describe("a team", () => {
  test("has the first owner that the owner link made, and no second that way", async () => {
    const again = await new WebBrowser().post(line.ownerUrl, {
      name: "Eve",
      email: "eve@example.com",
      password: "correct horse battery",
    });

    expect(await membersSeenBy(owner)).toEqual(["ada@example.com owner"]);
    expect(again.status).toBe(404);
    await expect(admin("owner-link")).rejects.toMatchObject({ code: 1 });
  });

  test("grows by an invitation from the command line", async () => {
    const link = await admin("invite", "--role", "operator", "--email", "bob@example.com");
    const bob = new WebBrowser();
    const joined = await bob.post(link, {
      name: "Bob",
      email: "bob@example.com",
      password: "another horse battery",
    });

    expect([joined.status, joined.url.pathname]).toEqual([200, "/"]);
    expect(await membersSeenBy(bob)).toEqual(["ada@example.com owner", "bob@example.com operator"]);
    expect((await admin("members")).split("\n")).toHaveLength(2);
  });

  test("takes nobody's word for the address a request comes from", async () => {
    const token = await admin("access-token", "--label", "spoof");
    await fetch(line.mcpUrl, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "cf-connecting-ip": "203.0.113.9" },
      body: "{}",
    });

    const { access_tokens } = JSON.parse(await admin("tokens", "--json")) as {
      access_tokens: { label: string; networks: { network: string }[] }[];
    };
    const spoofed = access_tokens.find(({ label }) => label === "spoof");
    expect(spoofed?.networks.map(({ network }) => network)).toEqual(["127.0.0.0/24"]);
  });

  test("cuts a relay off, lets it come back, and revokes it for good", async () => {
    const relay = await RelayProcess.enroll(
      {
        folder: join(folder, "relay"),
        name: "gw-1",
        config: { allowed_sockets: [join(folder, "plant.sock")] },
      },
      { url: new URL(line.mcpUrl), joinToken: await admin("join-token", "--name", "gw-*") },
    );
    relay.start();
    const client = await connectClient(new URL(line.mcpUrl), await admin("access-token"));
    await untilStatus(client, "gw-1/plant", "up");
    const read = async () =>
      (await client.call("get_record", { instance: "gw-1/plant", record_name: "app.readonly" }))
        .json;

    await admin("relay", "suspend", "gw-1");
    const suspended = await read();
    await admin("relay", "resume", "gw-1");
    const listed = await admin("relays");
    await admin("relay", "revoke", "gw-1");
    const revoked = await read();
    await client.close();

    expect(suspended).toMatchObject({ error: { code: "relay_offline" } });
    expect(listed).toMatch(/^gw-1\tactive\tfalse\t/);
    expect(revoked).toMatchObject({ error: { code: "unknown_instance" } });
    expect(await admin("relays")).toBe("");
    await expect.poll(() => relay.log, { timeout: 10_000 }).toContain("suspended this relay");
    await relay.stop();
  });

  test("revokes a running relay, which then ends and says what to do", async () => {
    const relay = await RelayProcess.enroll(
      {
        folder: join(folder, "relay-2"),
        name: "gw-2",
        config: { allowed_sockets: [join(folder, "plant.sock")] },
      },
      { url: new URL(line.mcpUrl), joinToken: await admin("join-token") },
    );
    relay.start();
    const client = await connectClient(new URL(line.mcpUrl), await admin("access-token"));
    await untilStatus(client, "gw-2/plant", "up");
    await client.close();

    await admin("relay", "revoke", "gw-2");

    await expect.poll(() => isRunning(relay.pid ?? 0), { timeout: 10_000 }).toBe(false);
    expect(relay.log).toContain("The relay was revoked");
    expect(await relay.stop()).toBe(78);
  });
});

test("docs/people.md's admin commands work as they stand", async () => {
  await RelayProcess.enroll(
    { folder: join(folder, "relay-3"), name: "gw-1", config: {} },
    { url: new URL(line.mcpUrl), joinToken: await admin("join-token") },
  );
  const [script = ""] = fencesOf(await readFile(projectPath("docs/people.md"), "utf8"), "sh admin");
  const { stdout } = await run("bash", ["-ec", script], {
    cwd: projectPath("."),
    env: { ...process.env, AIMDB_URL: line.dashboardUrl, AIMDB_TOKEN: line.adminToken },
  });

  expect(stdout).toMatch(/\/invite\/aimdb_invite_/);
  expect(stdout).toMatch(/^aimdb_join_/m);
  expect(stdout).toContain('"access_tokens"');
});

test("no password, session or link stands in the state folder in the clear", async () => {
  const cookie = owner.cookies(page("/").origin).get("session") ?? "";
  const secrets = ["correct horse battery", cookie.split(".")[1] ?? "", line.ownerUrl.slice(-43)];
  const found = await Promise.all(
    secrets.map((secret) =>
      run("grep", ["-rlaF", "--", secret, join(folder, "state")]).then(
        ({ stdout }) => stdout,
        () => "",
      ),
    ),
  );

  expect(secrets.every((secret) => secret.length > 20)).toBe(true);
  expect(found).toEqual(["", "", ""]);
});
