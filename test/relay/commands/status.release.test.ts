/** What an operator is told of a relay of another release or enrollment, which runs on until it is restarted. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { doctor } from "../../../relay/commands/doctor.ts";
import { metrics } from "../../../relay/commands/metrics.ts";
import { status } from "../../../relay/commands/status.ts";
import { ControlServer } from "../../../relay/control/control-server.ts";
import type { Environment } from "../../../relay/environment.ts";
import { writeIdentity, type Identity } from "../../../relay/identity/identity.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { identityOf } from "../support/host-side/builders.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { statusWith } from "../support/device/relay-status.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

/** All that the first release told. */
const FIRST_RELEASE = {
  relay: "gateway",
  team: "Plant",
  worker: "aimdb.example.com",
  version: "0.0.1",
  pid: 7,
  up_ms: 3_000,
  link: {
    state: "live",
    for_ms: 2_000,
    session: "s1",
    round_trip_ms: 3,
    clock_offset_ms: 0,
    next_dial_in_ms: null,
    failures: 0,
    last_failure: null,
    calls_under_way: 0,
  },
  instances: [
    {
      name: "boiler",
      socket_path: "/tmp/boiler.sock",
      state: "up",
      reason: null,
      protocol_version: "3.0",
      record_count: 4,
      writable_count: 1,
    },
  ],
  skipped: [],
  store: { bytes: 10, limit_bytes: 100, dropped_samples: 0 },
  problems: [],
};

async function ask(
  told: JsonValue,
  command: (environment: Environment) => Promise<number>,
  identity?: Identity,
): Promise<{ code: number; printed: string; errors: string }> {
  const state = await freshFolder();
  if (identity !== undefined) await writeIdentity(state, identity);
  const nothing = () => Promise.reject(new Error("Nothing waits."));
  const server = await ControlServer.open({
    path: join(state, "control.sock"),
    handlers: { status: async () => told, writes: nothing, decide: nothing },
    clock: new ManualClock(),
  });
  onTestFinished(() => server.close());
  const variables = { STATE_DIRECTORY: state };
  const environment = new TestEnvironment({ homeFolder: state, variables });
  const code = await command(environment);
  return { code, printed: environment.printed, errors: environment.printedError };
}

const asText = (environment: Environment) => status({ json: false }, environment);
const asJson = (environment: Environment) => status({ json: true }, environment);

test("status gives what an older relay tells, and says that it runs still", async () => {
  const { code, printed, errors } = await ask(FIRST_RELEASE, asText);

  expect(errors).toBe("");
  expect(code).toBe(0);
  expect(printed).toMatch(/^Linked to aimdb\.example\.com; 1 of 1 instances up\n/);
  expect(printed).toMatch(/^ {2}release {6}0\.0\.1 runs still, .*: restart it to have the rest$/m);
  expect(printed).toMatch(/^ {2}instance {5}boiler {2}up {2}AimX 3\.0, 4 records/m);
  expect(printed).not.toMatch(/undefined|continuity|not served|NaN/);
});

test("status of an older relay has in JSON what it told, and why a restart is due", async () => {
  const { code, printed } = await ask(FIRST_RELEASE, asJson);

  expect(code).toBe(0);
  const restart_due = [expect.stringMatching(/^0\.0\.1 runs still, .*: restart it/)];
  expect(JSON.parse(printed)).toEqual({ ...FIRST_RELEASE, restart_due });
});

test("status leaves out what another release tells in a form of its own", async () => {
  const told = { ...statusWith(), version: "9.0.0", continuity: "sealed", counts: { calls: 1 } };
  const { code, printed } = await ask(told, asText);

  expect(code).toBe(0);
  expect(printed).toMatch(/^ {2}release {6}9\.0\.0 runs still/m);
  expect(printed).not.toContain("continuity");
});

test("status says nothing of a release where the relay is of this one", async () => {
  expect((await ask(statusWith(), asText)).printed).not.toMatch(/^ {2}release/m);
});

test("status ends with 1 where what it is told is no status", async () => {
  const { code, printed, errors } = await ask({ relay: "gateway" }, asText);

  expect([code, printed]).toEqual([1, ""]);
  expect(errors).toBe("The relay that runs is of another release. Restart it.\n");
});

test("metrics prints no part of what an older relay tells, and says what to do", async () => {
  const { code, printed, errors } = await ask(FIRST_RELEASE, metrics);

  expect([code, printed]).toEqual([1, ""]);
  expect(errors).toBe("The relay that runs, 0.0.1, is of another release. Restart it.\n");
});

test("doctor says of an older relay that runs how it is, and that it is older", async () => {
  const { printed } = await ask(FIRST_RELEASE, (environment) =>
    doctor({ json: true, configPath: undefined }, environment),
  );

  expect(JSON.parse(printed).checks).toContainEqual({
    check: "running relay",
    status: "PASS",
    detail: expect.stringMatching(/^Linked to .*; 0\.0\.1 runs still, .*restart it/),
  });
});

const MOVED = identityOf({ relay: "other", team: { id: "t2", name: "Port" } });
const WHAT_IT_IS = 'the device is enrolled as "other" of team "Port" at aimdb.example.com now';

test("status says of a relay that was enrolled elsewhere since it started that a restart is due", async () => {
  const { code, printed } = await ask(statusWith(), asText, MOVED);

  expect(code).toBe(0);
  expect(printed).toContain(
    `\n  enrollment   ${WHAT_IT_IS}, and this relay runs as what it was: restart it\n`,
  );
  expect((await ask(statusWith(), asText, identityOf())).printed).not.toMatch(/^ {2}enrollment/m);
});

test("status says in JSON why a restart is due, and that none is", async () => {
  const moved = JSON.parse((await ask(statusWith(), asJson, MOVED)).printed);
  const same = JSON.parse((await ask(statusWith(), asJson, identityOf())).printed);

  expect(moved.restart_due).toEqual([expect.stringContaining(WHAT_IT_IS)]);
  expect(same.restart_due).toEqual([]);
});

test("doctor finds a relay that was enrolled elsewhere since it started", async () => {
  const examine = (environment: Environment) =>
    doctor({ json: true, configPath: undefined }, environment);
  const { code, printed } = await ask(statusWith(), examine, MOVED);

  expect(code).toBe(1);
  expect(JSON.parse(printed).checks).toContainEqual({
    check: "running relay",
    status: "FAIL",
    detail: expect.stringContaining(WHAT_IT_IS),
    remedy: expect.stringContaining("systemctl restart aimdb-relay"),
  });
});
