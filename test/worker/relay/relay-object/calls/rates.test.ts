/** How often a relay may be asked: by one caller a hundred times a minute, as the tests' Worker has no other setting. */
import { afterEach, describe, expect, test } from "vitest";
import type { Principal } from "../../../../../worker/auth/principal.ts";
import type { CallResult } from "../../../../../worker/relay/rpc.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { announced } from "../../../support/builders.ts";
import { call, write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { memberOf } from "../../../support/confirming.ts";
import { enrollDevice, type Device } from "../../../support/device.ts";
import { evict } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

const PER_MINUTE = 100;
const RATE_LIMITED = {
  ok: false,
  failure: {
    code: "rate_limited",
    message: expect.stringContaining("RELAY_CALLS_PER_MINUTE"),
    details: { retry_after_s: expect.any(Number) },
  },
};

async function connected() {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device);
  relay.script = () => "answered";
  return { team, device, relay, principal: await team.principal(["aimdb:write"]) };
}

interface UsedUp {
  readonly passed: number;
  /** A full minute's, and what came back meanwhile. */
  readonly mayPass: number;
  readonly last: CallResult;
}

function cameBackSince(startedAtMs: number): number {
  return Math.ceil(((Date.now() - startedAtMs) * PER_MINUTE) / 60_000);
}

/** Asks until it is refused. */
async function useUp(device: Device, principal: Principal): Promise<UsedUp> {
  const startedAtMs = Date.now();
  for (let passed = 0; ; passed += 1) {
    const last = await call(device, principal);
    if (!last.ok) return { passed, mayPass: PER_MINUTE + cameBackSince(startedAtMs), last };
  }
}

/** Nothing comes back while it is asked. */
async function refusedBeside(
  { device, principal }: { device: Device; principal: Principal },
  ask: () => Promise<unknown>,
): Promise<unknown> {
  await useUp(device, principal);
  const [, answer] = await Promise.all([call(device, principal), ask()]);
  return answer;
}

describe("a caller", () => {
  test("has a hundred calls of a relay, then is told which limit it met and when to come again", async () => {
    const { team, device, relay, principal } = await connected();

    const { passed, mayPass, last } = await useUp(device, principal);

    expect(passed).toBeGreaterThanOrEqual(PER_MINUTE);
    expect(passed).toBeLessThanOrEqual(mayPass);
    expect(last).toMatchObject(RATE_LIMITED);
    expect(relay.untakenFrames).toBe(0);
    expect(await call(device, await team.principal())).toMatchObject({ ok: true });
  });

  test("has a hundred of each relay", async () => {
    const { team, device, principal } = await connected();
    const other = await enrollDevice(team, "gw-2");
    const relay = await ScriptedRelay.connect(other);
    relay.script = () => "of another";
    await useUp(device, principal);

    expect(await call(other, principal)).toMatchObject({ ok: true, value: "of another" });
  });

  test("that has used them up writes nothing, and may still ask what became of a write", async () => {
    const { device, relay, principal } = await connected();
    const written = await refusedBeside({ device, principal }, () => write(device, principal));
    const id = "0".repeat(32);

    expect(written).toMatchObject(RATE_LIMITED);
    expect(relay.untakenFrames).toBe(0);
    expect(await relayOf(bindings, device.relay_id).writeReport({ principal, id })).toMatchObject({
      failure: { code: "unknown_call" },
    });
  });

  test("that waits for samples uses up none", async () => {
    const { device, principal } = await connected();
    const params = { record: "sensor.temp", wait_ms: 1, max_samples: 1, max_bytes: 1 };
    const waits = [];
    for (let n = 0; n < 20; n += 1) {
      waits.push(await call(device, principal, { method: "samples.read", params }));
    }
    const { passed } = await useUp(device, principal);
    const wait = await call(device, principal, { method: "samples.read", params });

    expect([...waits, wait].every(({ ok }) => ok)).toBe(true);
    expect(passed).toBeGreaterThanOrEqual(PER_MINUTE);
  });

  test("uses up one for each instance that it asks at once", async () => {
    const { device, relay, principal } = await connected();
    const names = Array.from({ length: 40 }, (_, n) => `plant-${n}`);
    await relay.announce(
      device,
      names.map((name) => announced({ name })),
    );
    const ahead = {
      principal,
      method: "record.get",
      params: { record: "sensor.temp" },
      deadlineMs: 2_000,
    } as const;
    const startedAtMs = Date.now();
    await relayOf(bindings, device.relay_id).describe({ team: principal.team, ahead });
    const { passed } = await useUp(device, principal);

    const mayPass = PER_MINUTE - names.length + cameBackSince(startedAtMs);
    expect(passed).toBeLessThanOrEqual(mayPass);
  });
});

describe("a team that has used up its day", () => {
  test.each([
    [undefined, "TEAM_CALLS_PER_DAY"],
    ["calls", "TEAM_CALLS_PER_DAY"],
    ["bytes", "TEAM_BYTES_PER_DAY"],
  ] as const)(
    "of %s is told so by each relay, until the day is over, and may ask what became of a write",
    async (what, setting) => {
      const { device, relay, principal } = await connected();
      expect(await call(device, principal)).toMatchObject({ ok: true });
      const object = relayOf(bindings, device.relay_id);
      const snapshot = { version: 1_000, floor: 0, changed: {}, status: "active" } as const;
      await object.setRights({ ...snapshot, usedUp: what, usedUpUntilMs: Date.now() + 60_000 });
      const usedUp = {
        ok: false,
        failure: {
          code: "team_limit",
          message: expect.stringContaining(setting),
          details: { retry_after_s: expect.any(Number) },
        },
      };

      expect(await call(device, principal)).toMatchObject(usedUp);
      expect(await write(device, principal)).toMatchObject(usedUp);
      expect(await object.writeReport({ principal, id: "0".repeat(32) })).toMatchObject({
        failure: { code: "unknown_call" },
      });
      expect(relay.untakenFrames).toBe(0);

      await object.setRights({ ...snapshot, version: 1_001, usedUpUntilMs: Date.now() });
      expect(await call(device, principal)).toMatchObject({ ok: true });
    },
  );
});

describe("a call", () => {
  test("that is asked again over the next link counts once", async () => {
    const { device, relay, principal } = await connected();
    relay.script = () => undefined;
    const calls = Array.from({ length: 8 }, () => call(device, principal));
    for (let n = 0; n < calls.length; n += 1) await relay.nextRequest();
    await relay.break();
    const back = await ScriptedRelay.connect(device);
    back.script = () => "answered";
    const answers = await Promise.all(calls);
    const { passed } = await useUp(device, principal);

    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(passed).toBeGreaterThanOrEqual(PER_MINUTE - calls.length);
  });

  test("that ended because its caller's rights changed counts when it is asked again", async () => {
    const { team, device, relay } = await connected();
    const member = await memberOf(team);
    relay.script = () => undefined;
    const calls = Array.from({ length: 8 }, () => call(device, member));
    for (let n = 0; n < calls.length; n += 1) await relay.nextRequest();
    await teamOf(bindings, team.id)?.setRole(member.id, "viewer");
    const answers = await Promise.all(calls);
    relay.script = () => "answered";
    const { rightsVersion } = await team.principal();

    expect(answers).toMatchObject(calls.map(() => ({ ok: false, outdated: "rights" })));
    const { passed } = await useUp(device, { ...member, rightsVersion });
    expect(passed).toBeGreaterThanOrEqual(PER_MINUTE);
  });

  test("is forgotten with the object that slept", async () => {
    const { device, principal } = await connected();
    await useUp(device, principal);
    await evict("RELAY", device.relay_id);

    expect((await useUp(device, principal)).passed).toBeGreaterThanOrEqual(PER_MINUTE);
  });
});
