import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../relay/clock.ts";
import { Scanner } from "../../../relay/discovery/scan.ts";
import { checkHosts } from "../../../relay/doctor/host-checks.ts";
import { connectHost } from "../../../relay/instances/host/connect.ts";
import type { Config } from "../../../relay/config.ts";
import { configOf } from "../support/host-side/builders.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, mailbox, ring, startHost, VERSIONS } from "../support/host-side/host.ts";
import { OURS } from "../support/host-side/running-instance.ts";

async function check(folder: string, more: Partial<Config> = {}) {
  const config = configOf({ allowedSockets: [`${folder}/*.sock`], ...more });
  const scanner = new Scanner({
    patterns: config.allowedSockets,
    owners: OURS,
    connect: connectHost,
    clock: systemClock,
  });
  const context = { config, connect: connectHost, clock: systemClock };
  const checks = await checkHosts(await scanner.scan(), context);
  return Object.fromEntries(checks.map((check) => [check.check.replace(`${folder}/`, ""), check]));
}

describe("checkHosts", () => {
  test.each(VERSIONS)(
    "reads a real record of an AimX %s host, and tells no value",
    async (aimx) => {
      const folder = await freshFolder();
      const records = [mailbox("commands"), ring("r"), latest("a", { initial: { n: 7_654_321 } })];
      await startHost({ aimx, records, socketPath: join(folder, "boiler.sock") });

      const checks = await check(folder);

      expect(checks).toMatchObject({
        instances: { status: "PASS", detail: "1 found" },
        "socket boiler.sock": {
          status: "PASS",
          detail: expect.stringMatching(/^user \d+, 0\d{3}, AimX/),
        },
        "read boiler.sock": { status: "PASS", detail: expect.stringMatching(/^a read in \d+ ms$/) },
      });
      expect(JSON.stringify(checks)).not.toContain("7654321");
    },
  );

  test("passes a host whose records hold nothing yet", async () => {
    const folder = await freshFolder();
    await startHost({ aimx: "3.0", records: [latest("a")], socketPath: join(folder, "b.sock") });
    expect((await check(folder))["read b.sock"]).toMatchObject({ status: "PASS" });
  });

  test("reads no mailbox and nothing that the device file hides", async () => {
    const folder = await freshFolder();
    const records = [mailbox("commands"), latest("a", { initial: { n: 1 } })];
    await startHost({ aimx: "3.0", records, socketPath: join(folder, "b.sock") });
    expect((await check(folder, { hiddenRecords: ["a"] }))["read b.sock"]).toMatchObject({
      status: "SKIP",
    });
  });

  test("fails where there is no instance, and says where it looked", async () => {
    const folder = await freshFolder();
    expect((await check(folder))["instances"]).toMatchObject({
      status: "FAIL",
      detail: expect.stringContaining(`${folder}/*.sock`),
      remedy: expect.stringContaining("Start AimDB"),
    });
  });

  test("points at the sockets that are there where none of them is an instance", async () => {
    const folder = await freshFolder();
    await writeFile(join(folder, "c.sock"), "");
    expect((await check(folder))["instances"]).toMatchObject({
      status: "FAIL",
      remedy: "See below why no socket there is one.",
    });
  });

  test("passes over what a glob found beside an instance, and says why", async () => {
    const folder = await freshFolder();
    await writeFile(join(folder, "c.sock"), "");
    expect((await check(folder))["socket c.sock"]).toMatchObject({
      status: "SKIP",
      detail: expect.stringContaining("It is not a socket."),
    });
  });

  test("fails where a path that is named is no instance", async () => {
    const folder = await freshFolder();
    const path = join(folder, "gone.sock");
    expect((await check(folder, { allowedSockets: [path] }))["socket gone.sock"]).toMatchObject({
      status: "FAIL",
      detail: expect.stringContaining("gone"),
    });
  });

  test("fails where a host greets and then serves nothing", async () => {
    const folder = await freshFolder();
    const socketPath = join(folder, "b.sock");
    await startHost({ aimx: "3.0", records: [latest("a")], socketPath, faults: { cutReply: 2 } });
    expect(await check(folder)).toMatchObject({
      "socket b.sock": { status: "PASS" },
      "read b.sock": { status: "FAIL", remedy: expect.stringContaining("AimDB process") },
    });
  });
});

test("checkHosts tells what is said of a pattern as a whole", async () => {
  const [pattern, reason] = ["/tmp/none-*.sock", "It matches more than is looked at."];
  const config = configOf({ allowedSockets: [pattern] });
  const context = { config, connect: connectHost, clock: systemClock };

  const checks = await checkHosts([{ type: "skipped", socketPath: pattern, reason }], context);

  expect(checks.at(-1)).toEqual({ check: `socket ${pattern}`, status: "SKIP", detail: reason });
});
