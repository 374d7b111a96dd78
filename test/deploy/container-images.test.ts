/** The images of both members, built from their container files, and containers of them. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt } from "../../worker/selfhost/build/build.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { parseDockerfile } from "../support/machines/dockerfile.ts";
import { canBuildImages, ImageBuilder } from "../support/machines/image-builder.ts";

const run = promisify(execFile);

/** The worker's fetches and prunes all packages, and each layer is copied as a whole. */
const BUILD = { timeout: 300_000 };

const MEMBERS = ["relay", "worker"] as const;
const { version } = JSON.parse(readFileSync(projectPath("package.json"), "utf8"));

describe.runIf(canBuildImages())("the images", () => {
  let builder: ImageBuilder;

  beforeAll(async () => {
    await ensureBuilt();
    builder = await ImageBuilder.open();
    const file = readFileSync(projectPath("relay/deploy/Dockerfile"), "utf8");
    await builder.makeBase(`docker.io/library/${parseDockerfile(file).from}`);
  });

  afterAll(() => builder?.close());

  test.each(MEMBERS)("the %s's is built, and says what its file says", BUILD, async (name) => {
    const path = `${name}/deploy/Dockerfile`;
    const file = parseDockerfile(readFileSync(projectPath(path), "utf8"));
    await builder.build(projectPath(path), name);

    const config = await builder.configOf(name);
    expect(config.User).toBe(file.user);
    expect(config.Entrypoint).toEqual(file.entrypoint);
    expect(Object.keys(config.Volumes)).toEqual(file.volumes);
    expect(config.Healthcheck.Test).toEqual(["CMD", ...file.healthCheck]);
  });

  test("the relay's has the relay, for its user", async () => {
    const { Entrypoint, User } = await builder.configOf("relay");
    const container = await builder.from("relay");
    const inside = ["run", "--isolation", "chroot", container, "--"];

    expect(await builder.buildah([...inside, ...Entrypoint, "--version"])).toContain(version);
    expect(await builder.buildah([...inside, "id", "-u"])).toBe(User.split(":")[0]);
  });

  test("a container of the worker's becomes healthy", async () => {
    const { Entrypoint, Healthcheck } = await builder.configOf("worker");
    const container = await builder.from("worker");
    const inside = `${builder.command} run --isolation chroot ${container} --`;
    const worker = [...Entrypoint, "--public-url", "http://localhost:8787"].join(" ");
    const check = Healthcheck.Test.slice(1)
      .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(" ");
    // It listens at all addresses, so it gets a network of its own.
    const script = `ip link set lo up
      ${inside} ${worker} > /dev/null 2>&1 &
      worker=$!
      for i in $(seq 60); do
        ${inside} ${check} 2> /dev/null && healthy=yes && break
      done
      kill -TERM $worker
      wait $worker
      echo healthy=$healthy`;
    const { stdout } = await run("unshare", [
      "--net",
      "--pid",
      "--fork",
      "--kill-child",
      "sh",
      "-c",
      script,
    ]);

    expect(stdout).toContain("healthy=yes");
  });
});
