/**
 * The container files, step by step on a Debian that the tests boot: the same user, the same files, the
 * same commands as the first process of a namespace, without capabilities. What the worker's first
 * stage makes is taken from this checkout; container-images.test.ts builds the images.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ensureBuilt } from "../../worker/selfhost/build/build.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { startSimulator, type Simulator } from "../../worker/selfhost/simulator/server.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { canBootDebian, DebianMachine, type Ran } from "../support/machines/debian-machine.ts";
import { parseDockerfile, type ContainerFile, type Step } from "../support/machines/dockerfile.ts";

const DEADLINE_MS = 30_000;
const PUBLIC_URL = "http://localhost:8787";
const MEMBERS = ["relay", "worker"] as const;

const read = (path: string) => readFileSync(projectPath(path), "utf8");
const files = {
  relay: parseDockerfile(read("relay/deploy/Dockerfile")),
  worker: parseDockerfile(read("worker/deploy/Dockerfile")),
};

describe.each(MEMBERS)("the %s's container file", (name) => {
  const file = files[name];

  test("starts from a Node of the release that we test, and not as root", () => {
    const release = process.version.split(".")[0]?.slice(1);

    expect(file.from).toBe(`node:${release}-trixie-slim`);
    expect(file.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test("has a health check, and its state on a volume", () => {
    expect(file.healthCheck.length).toBeGreaterThan(1);
    expect(file.volumes).toHaveLength(1);
  });

  test("goes with a compose file that takes away what it does not need", () => {
    const compose = parse(read(`${name}/deploy/compose.yaml`));
    const service = compose.services[name];

    expect(service).toMatchObject({
      build: { context: "../..", dockerfile: `${name}/deploy/Dockerfile` },
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      mem_limit: expect.stringMatching(/^\d+m$/),
    });
    const mounted = service.volumes.map((volume: string) => volume.split(":")[1]);
    expect(mounted).toContain(file.volumes[0]);
    for (const [volume] of Object.entries(compose.volumes)) {
      expect(service.volumes.join()).toContain(`${volume}:`);
    }
  });
});

test("the relay's compose file waits for as long as a call may take, and brings it back after a reboot", () => {
  const { relay } = parse(read("relay/deploy/compose.yaml")).services;

  expect(relay.stop_grace_period).toBe("40s");
  expect(relay.restart).toBe("unless-stopped");
});

describe.runIf(canBootDebian())("on a machine of its own", () => {
  let folder: string;
  let machine: DebianMachine;
  let host: Simulator;

  beforeAll(async () => {
    await ensureBuilt();
    folder = await mkdtemp(join(tmpdir(), "aimdb-box-"));
    const sockets = join(folder, "aimdb");
    await mkdir(sockets, { mode: 0o755 });
    const socketPath = join(sockets, "plant.sock");
    host = await startSimulator({ socketPath, aimx: "3.0", periodMs: 100 });
    await chmod(socketPath, 0o666);
    machine = await DebianMachine.boot(
      {
        "/context": projectPath("."),
        "/run/aimdb": sockets,
        // Where the image has its Node.
        "/usr/local/bin/node": process.execPath,
      },
      { privateNetwork: true },
    );
    // A container engine writes it.
    await machine.succeed("sh", "-c", "echo 127.0.0.1 localhost > /etc/hosts");
  });

  afterAll(async () => {
    await machine?.close();
    await host?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(MEMBERS)("the steps of the %s's container file succeed", async (name) => {
    for (const step of files[name].steps) await perform(machine, step);

    const { entrypoint } = files[name];
    const program = entrypoint[0] ?? "";
    const script = entrypoint.find((word, i) => i > 0 && !word.startsWith("--")) ?? "";
    const found = await inside(name, ["sh", "-c", `command -v ${program} && ls ${script}`]);
    expect(found).toMatchObject({ code: 0, out: `/usr/local/bin/node\n${script}\n` });
  });

  let adminToken = "";

  test("the worker starts as its user, and is healthy", async () => {
    const { entrypoint } = files.worker;
    await start("worker", [...entrypoint, "--public-url", PUBLIC_URL, "--json"]);
    expect(await untilHealthy("worker")).toMatchObject({ code: 0 });

    // Printed when the worker was seen to answer, which may be after we saw it.
    const printed = await waitFor(DEADLINE_MS, async () => {
      const log = await machine.succeed("cat", "/run/worker.log");
      return /"adminToken":"([^"]+)"/.exec(log)?.[1];
    });
    adminToken = printed ?? "";
    expect(adminToken).toMatch(/^aimdb_admin_/);
    expect(await processesOf("worker")).toMatch(/workerd/);
  });

  test("the relay enrolls and is healthy once it has its link", async () => {
    const script = `fetch(process.argv[1] + "/api/v1/join-tokens", { method: "POST", body: "{}", headers: { authorization: "Bearer " + process.argv[2], "content-type": "application/json" } }).then((r) => r.json()).then(({ token }) => console.log(token))`;
    const joinToken = await machine.succeed(
      "/usr/local/bin/node",
      "-e",
      script,
      PUBLIC_URL,
      adminToken,
    );
    const before = await inside("relay", files.relay.healthCheck);
    const enroll = ["enroll", PUBLIC_URL, "--join-token", "-", "--name", "box"];
    const enrolled = await inside("relay", [...files.relay.entrypoint, ...enroll], joinToken);
    await start("relay", [...files.relay.entrypoint, ...files.relay.command]);

    expect(before.code).toBe(1);
    expect(enrolled).toMatchObject({ code: 0, out: expect.stringContaining('"box"') });
    expect(await untilHealthy("relay")).toMatchObject({
      code: 0,
      out: expect.stringContaining("1 of 1 instances up"),
    });
  });

  test("both end on SIGTERM, as the first process of their namespace, with 0", async () => {
    for (const name of ["relay", "worker"] as const) {
      await machine.succeed("sh", "-c", `kill -TERM $(cat /run/${name}.pid)`);
      const code = await waitFor(DEADLINE_MS, async () => {
        const ran = await machine.run(["cat", `/run/${name}.code`]);
        return ran.code === 0 ? ran.out : undefined;
      });
      expect(code).toBe("0\n");
    }
  });

  /** In a container's stead: a process namespace, the file's user and variables, no capabilities. */
  function confined(file: ContainerFile, command: readonly string[]): string[] {
    const [uid = "", gid = ""] = file.user.split(":");
    const variables = Object.entries(file.environment).map(([name, value]) => `${name}=${value}`);
    return [
      "setpriv",
      `--reuid=${uid}`,
      `--regid=${gid}`,
      "--clear-groups",
      "--no-new-privs",
      "--bounding-set=-all",
      "--inh-caps=-all",
      "env",
      "--ignore-environment",
      `--chdir=${file.workingFolder}`,
      "PATH=/usr/local/bin:/usr/bin:/bin",
      ...variables,
      ...command,
    ];
  }

  function inside(name: keyof typeof files, command: readonly string[], input = ""): Promise<Ran> {
    return machine.run(confined(files[name], command), { input });
  }

  /** Its first process is process 1 of a namespace; its exit status is kept. */
  async function start(name: keyof typeof files, command: readonly string[]): Promise<void> {
    const script = `unshare --pid --fork --kill-child --mount-proc "$@" > /run/$0.log 2>&1 &
      shell=$!
      until child=$(cat /proc/$shell/task/$shell/children) && [ -n "$child" ]; do :; done
      echo $child > /run/$0.pid
      wait $shell
      echo $? > /run/$0.code`;
    const detached = `setsid sh -c '${script}' "$@" < /dev/null > /dev/null 2>&1 &`;
    await machine.succeed("sh", "-c", detached, "sh", name, ...confined(files[name], command));
  }

  async function untilHealthy(name: keyof typeof files): Promise<Ran | undefined> {
    let last: Ran | undefined;
    await waitFor(DEADLINE_MS, async () => {
      last = await inside(name, files[name].healthCheck);
      return last.code === 0 ? last : undefined;
    });
    return last;
  }

  async function processesOf(name: keyof typeof files): Promise<string> {
    const [uid = ""] = files[name].user.split(":");
    const script = `for p in /proc/[0-9]*; do [ "$(stat -c %u $p)" = "$0" ] && tr '\\0' ' ' < $p/cmdline && echo; done; true`;
    return machine.succeed("sh", "-c", script, uid);
  }
});

async function perform(machine: DebianMachine, step: Step): Promise<void> {
  if (step.type === "run") {
    await machine.succeed("sh", "-c", step.script);
    return;
  }
  if (step.from !== undefined) {
    await copyProject(machine, step.to);
    return;
  }
  await machine.succeed("mkdir", "-p", step.to);
  const sources = step.sources.map((source) => `/context/${source}`);
  await machine.succeed("cp", "-p", ...sources, step.to);
}

/** What the worker's first stage leaves: the sources, dist/, and no package that only development needs. */
async function copyProject(machine: DebianMachine, to: string): Promise<void> {
  const args = ["ls", "--omit=dev", "--all", "--parseable"];
  const listed = execFileSync("npm", args, { cwd: projectPath("."), encoding: "utf8" });
  const packages = listed
    .split("\n")
    .filter((path) => path.includes("/node_modules/") && !/\/node-(linux|bin)-/.test(path))
    .map((path) => path.slice(projectPath(".").length));
  const script = `cd /context && mkdir -p "$0" && cp -a --parents "$@" "$0" && chmod -R a+rX "$0"`;
  const sources = ["package.json", "wrangler.toml", "dist", "relay", "shared", "worker"];
  await machine.succeed("sh", "-c", script, to, ...sources, ...packages);
}
