/** The package on a real Debian with a real systemd, enrolled with a self-hosted worker on "another machine". */
import { chmod, chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt } from "../../worker/selfhost/build/build.ts";
import { buildDeb } from "../../worker/selfhost/package/deb.ts";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { canBootDebian, DebianMachine } from "../support/machines/debian-machine.ts";
import { connectClient, type ConnectedClient } from "../support/clients/mcp.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import { postAdmin } from "../support/clients/admin-api.ts";
import { untilStatus } from "../support/processes/test-bed.ts";

/** The group of AimDB's socket; the relay's unit is given it. */
const AIMDB_GID = 4242;
const DROP_INS = "/etc/systemd/system/aimdb-relay.service.d";
const DEADLINE_MS = 30_000;

interface StartLine {
  readonly mcpUrl: string;
  readonly adminToken: string;
}

let folder: string;
let machine: DebianMachine;
let host: Simulator;
let server: NpmProcess;
let line: StartLine;
let client: ConnectedClient;
let deb: string;

async function createToken(path: string): Promise<string> {
  const response = await postAdmin(new URL(path, line.mcpUrl), {}, line.adminToken);
  return ((await response.json()) as { token: string }).token;
}

describe.runIf(canBootDebian())("the Debian package", () => {
  beforeAll(async () => {
    await ensureBuilt();
    folder = await mkdtemp(join(tmpdir(), "aimdb-deb-"));
    const sockets = join(folder, "aimdb");
    await mkdir(sockets);
    deb = await buildDeb(join(folder, "pkg"));
    const socketPath = join(sockets, "plant.sock");
    host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
    for (const [path, mode] of [
      [sockets, 0o750],
      [socketPath, 0o660],
    ] as const) {
      await chown(path, 0, AIMDB_GID);
      await chmod(path, mode);
    }
    server = new NpmProcess("start", ["--port", "0", "--state", join(folder, "w"), "--json"]);
    line = await server.firstLine<StartLine>();
    client = await connectClient(new URL(line.mcpUrl), await createToken("/api/v1/access-tokens"));
    machine = await DebianMachine.boot({ "/pkg": join(folder, "pkg"), "/run/aimdb": sockets });
    await machine.succeed("groupadd", "--gid", String(AIMDB_GID), "aimdb");
  });

  afterAll(async () => {
    await machine?.close();
    await client?.close();
    await server?.end("npm").catch(() => {});
    await host?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("installs, with a user of its own, and starts nothing before it is enrolled", async () => {
    const out = await machine.succeed("dpkg", "--install", `/pkg/${deb.split("/").at(-1)}`);

    expect(out).toContain("Next: aimdb-relay enroll");
    expect(await machine.succeed("getent", "passwd", "aimdb-relay")).toMatch(
      /:\/var\/lib\/aimdb-relay:\/usr\/sbin\/nologin$/m,
    );
    expect(await machine.succeed("stat", "-c", "%a %U", "/var/lib/aimdb-relay")).toBe(
      "700 aimdb-relay\n",
    );
    expect((await machine.run(["systemctl", "is-enabled", "aimdb-relay"])).out).toBe("disabled\n");
    expect((await machine.run(["systemctl", "is-active", "aimdb-relay"])).out).toBe("inactive\n");
    await machine.succeed("systemd-analyze", "verify", "aimdb-relay.service");
  });

  test("enrolls as the service's user, whoever types it", async () => {
    const enrolled = await machine.run(
      ["aimdb-relay", "enroll", line.mcpUrl, "--join-token", "-", "--name", "gw"],
      { input: await createToken("/api/v1/join-tokens") },
    );

    expect(enrolled).toMatchObject({ code: 0, out: expect.stringContaining('Enrolled as "gw"') });
    expect(await machine.succeed("stat", "-c", "%a %U", "/var/lib/aimdb-relay/key.json")).toBe(
      "600 aimdb-relay\n",
    );
  });

  test("serves under the hardened unit, and says how it is", async () => {
    await dropIn("groups", "SupplementaryGroups=aimdb");
    await machine.succeed("systemctl", "enable", "--now", "aimdb-relay");
    await untilStatus(client, "gw/plant", "up");
    const { json } = await client.call("get_record", {
      instance: "gw/plant",
      record_name: "app.readonly",
    });

    expect(json.value).toEqual({ up: 7 });
    expect(await property("StatusText")).toMatch(
      /^Linked to 127\.0\.0\.1:\d+; 1 of 1 instances up$/,
    );
    const status = await machine.succeed("aimdb-relay", "status", "--json");
    expect(JSON.parse(status)).toMatchObject({ relay: "gw", link: { state: "live" } });
  });

  test("has a doctor that finds a socket which only the unit may open, and says what to do", async () => {
    const before = await machine.run(["aimdb-relay", "doctor"]);
    await machine.succeed("usermod", "-aG", "aimdb", "aimdb-relay");
    const after = await machine.run(["aimdb-relay", "doctor"]);

    expect(before.code).toBe(1);
    expect(before.out).toMatch(/^FAIL {2}instances/m);
    expect(after.out).not.toContain("FAIL");
    expect(after.out).toMatch(/^PASS {2}running relay/m);
    expect(after.code).toBe(0);
  });

  test("goes on through a reload", async () => {
    const pid = await property("MainPID");
    await machine.succeed("systemctl", "reload", "aimdb-relay");

    expect(await property("MainPID")).toBe(pid);
    expect(await property("ActiveState")).toBe("active");
  });

  test("is started again when it is killed", async () => {
    const pid = await property("MainPID");
    await signal("KILL");
    await untilLinkedAnew(pid);

    expect((await read()).json.value).toEqual({ up: 7 });
  });

  test("is started again when it hangs", async () => {
    await dropIn("watchdog", "WatchdogSec=3");
    await machine.succeed("systemctl", "restart", "aimdb-relay");
    await untilLinkedAnew("0");
    const pid = await property("MainPID");
    const fed = await property("WatchdogTimestampMonotonic");
    await waitFor(DEADLINE_MS, async () =>
      (await property("WatchdogTimestampMonotonic")) === fed ? undefined : true,
    );

    await signal("STOP");
    await untilLinkedAnew(pid);

    expect(await machine.succeed("journalctl", "-u", "aimdb-relay")).toContain("Watchdog timeout");
  });

  test("takes its key from systemd where it is sealed there", async () => {
    const key = "/var/lib/aimdb-relay/key.json";
    const sealed = "/etc/aimdb-relay/relay-key.cred";
    await machine.succeed("systemd-creds", "encrypt", "--name=relay-key", key, sealed);
    await machine.succeed("mv", key, "/var/lib/key.json");
    await machine.succeed("mkdir", "-p", DROP_INS);
    await machine.succeed("cp", "/usr/share/doc/aimdb-relay/credential.conf", DROP_INS);
    await machine.succeed("systemctl", "daemon-reload");
    const pid = await property("MainPID");

    await machine.succeed("systemctl", "restart", "aimdb-relay");
    await untilLinkedAnew(pid);

    expect((await read()).json.value).toEqual({ up: 7 });
    await machine.succeed("rm", `${DROP_INS}/credential.conf`);
    await machine.succeed("mv", "/var/lib/key.json", key);
    await machine.succeed("systemctl", "daemon-reload");
  });

  test("stays enrolled and enabled through an upgrade, and runs the new files", async () => {
    const pid = await property("MainPID");
    await machine.succeed("dpkg", "--install", `/pkg/${deb.split("/").at(-1)}`);
    await untilLinkedAnew(pid);

    expect((await machine.run(["systemctl", "is-enabled", "aimdb-relay"])).out).toBe("enabled\n");
    expect((await read()).json.value).toEqual({ up: 7 });
  });

  test("stays stopped and disabled through an upgrade where its operator wants it so", async () => {
    await machine.succeed("systemctl", "disable", "--now", "aimdb-relay");
    await machine.succeed("dpkg", "--install", `/pkg/${deb.split("/").at(-1)}`);

    expect((await machine.run(["systemctl", "is-enabled", "aimdb-relay"])).out).toBe("disabled\n");
    expect((await machine.run(["systemctl", "is-active", "aimdb-relay"])).out).toBe("inactive\n");
    await machine.succeed("systemctl", "enable", "--now", "aimdb-relay");
    await untilLinkedAnew("0");
  });

  test("is not started again where only a person can help", async () => {
    const identity = "/var/lib/aimdb-relay/identity.json";
    await machine.succeed("cp", "-p", identity, "/var/lib/identity.json");
    // A relay that this worker does not know.
    await machine.succeed(
      "sed",
      "-i",
      String.raw`s/"relay_id": "\(.*\)"/"relay_id": "f\1"/`,
      identity,
    );
    await machine.run(["systemctl", "restart", "aimdb-relay"]);
    const ended = await waitFor(DEADLINE_MS, async () =>
      (await property("ActiveState")) === "failed" ? true : undefined,
    );

    expect(ended).toBe(true);
    expect(await property("ExecMainStatus")).toBe("78");
    expect(await property("NRestarts")).toBe("0");

    // What it waited for may come with an upgrade.
    await machine.succeed("cp", "-p", "/var/lib/identity.json", identity);
    await machine.succeed("dpkg", "--install", `/pkg/${deb.split("/").at(-1)}`);
    await untilLinkedAnew("0");
  });

  test("is removed with its state kept, and serves again when it is installed again", async () => {
    await machine.succeed("dpkg", "--remove", "aimdb-relay");
    const afterRemoval = await machine.run(["systemctl", "is-active", "aimdb-relay"]);
    await machine.succeed("dpkg", "--install", `/pkg/${deb.split("/").at(-1)}`);
    await untilLinkedAnew("0");

    expect(afterRemoval.out).toBe("inactive\n");
    expect((await read()).json.value).toEqual({ up: 7 });
  });

  test("is purged and leaves nothing", async () => {
    await machine.succeed("dpkg", "--purge", "aimdb-relay");
    const left = await machine.succeed(
      "find",
      "/etc",
      "/usr",
      "/var",
      "/run",
      "-xdev",
      "-path",
      "*aimdb-relay*",
      "-not",
      "-path",
      "/var/log/journal/*",
    );

    expect(left).toBe("");
    expect((await machine.run(["getent", "passwd", "aimdb-relay"])).code).toBe(2);
    expect((await machine.run(["systemctl", "is-active", "aimdb-relay"])).out).toBe("inactive\n");
  });
});

const read = () => client.call("get_record", { instance: "gw/plant", record_name: "app.readonly" });

async function dropIn(name: string, setting: string): Promise<void> {
  await machine.succeed("mkdir", "-p", DROP_INS);
  const script = `printf '[Service]\\n%s\\n' "$1" > "${DROP_INS}/$0.conf"`;
  await machine.succeed("sh", "-c", script, name, setting);
  await machine.succeed("systemctl", "daemon-reload");
}

function signal(name: string): Promise<string> {
  return machine.succeed(
    "systemctl",
    "kill",
    `--signal=${name}`,
    "--kill-whom=main",
    "aimdb-relay",
  );
}

async function property(name: string): Promise<string> {
  const out = await machine.succeed("systemctl", "show", "-P", name, "aimdb-relay");
  return out.trim();
}

/** Another process than that serves, and the worker knows it. */
async function untilLinkedAnew(pid: string): Promise<void> {
  const linked = await waitFor(DEADLINE_MS, async () => {
    const [now, text] = [await property("MainPID"), await property("StatusText")];
    return now !== pid && now !== "0" && text.startsWith("Linked to") ? true : undefined;
  });
  if (linked === undefined) {
    const log = await machine.succeed("journalctl", "-u", "aimdb-relay", "-n", "30");
    throw new Error(`The relay did not come back:\n${log}`);
  }
  await untilStatus(client, "gw/plant", "up");
}
