/** The built relay, where only a person can help: whichever command it is, systemd and scripts read 78. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { RELAY_BUNDLE } from "../../worker/selfhost/project.ts";

const folder = mkdtempSync(join(tmpdir(), "aimdb-exits-"));
const state = join(folder, "state");
const config = join(folder, "config.toml");

beforeEach(() => {
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(config, "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ended(args: readonly string[]): { code: number | null; errors: string } {
  const { status, stderr } = spawnSync(
    process.execPath,
    [RELAY_BUNDLE, ...args, "--config", config],
    {
      env: { HOME: folder, STATE_DIRECTORY: state, AIMDB_JOIN_TOKEN: "aimdb_join_t1_secret" },
      input: "",
      encoding: "utf8",
    },
  );
  return { code: status, errors: stderr };
}

test.each([["run"], ["stdio"], ["rotate"], ["enroll", "http://127.0.0.1:1", "--force"]])(
  "%s over a state folder that a newer release wrote",
  (...args) => {
    writeFileSync(join(state, "state.json"), '{"version":2}');

    const { code, errors } = ended(args);

    expect(errors).toContain("was written by a newer release of the relay");
    expect(code).toBe(78);
    expect(readdirSync(state)).toEqual(["state.json"]);
  },
);

test.each([
  [["rotate"], "identity.json", 0o600],
  [["enroll", "http://127.0.0.1:1"], "identity.json", 0o644],
  [["stdio"], "state.json", 0o600],
])("%s where %s is damaged, or others may read it", (args, file, mode) => {
  writeFileSync(join(state, file), "{", { mode });

  expect(ended(args)).toMatchObject({ code: 78, errors: expect.stringContaining(file) });
});

test.each([
  ["run"],
  ["stdio"],
  ["discover"],
  ["rotate"],
  ["enroll", "http://127.0.0.1:1"],
  ["enroll", "http://127.0.0.1:1", "--force"],
  ["config", "check"],
])("%s %s over a configuration that is wrong", (...args) => {
  writeFileSync(config, "nope = 1\n");

  expect(ended(args)).toEqual({ code: 78, errors: `${config}: nope: unknown key\n` });
});

test.each([["run"], ["rotate"], ["stdio"], ["enroll", "http://127.0.0.1:1"]])(
  "%s where a file is in the place of the state folder",
  (...args) => {
    rmSync(state, { recursive: true });
    writeFileSync(state, "");

    expect(ended(args)).toMatchObject({ code: 78, errors: expect.stringContaining("ENOTDIR") });
  },
);

test("enroll tells a wrong address from a worker that is away", () => {
  expect(ended(["enroll", "worker.example.com"]).code).toBe(2);
  expect(ended(["enroll", "http://127.0.0.1:1"]).code).toBe(1);
});

test.each([["rotate"], ["run"]])("%s on a device that is not enrolled", (command) => {
  const errors = "This device is not enrolled. Run: aimdb-relay enroll URL\n";
  expect(ended([command])).toEqual({ code: 78, errors });
});

test("stdio whose audit log can't be opened", () => {
  writeFileSync(config, 'audit_log = "/nowhere/audit.log"\n');

  expect(ended(["stdio"])).toMatchObject({
    code: 78,
    errors: expect.stringContaining("/nowhere/audit.log"),
  });
});
