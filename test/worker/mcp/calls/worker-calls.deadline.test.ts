/** Objects that hang: no call waits longer than it may take. */
import { afterEach, describe, expect, test } from "vitest";
import type { FleetCall } from "#shared/fleet/calling-fleet.ts";
import type { Principal } from "../../../../worker/auth/principal.ts";
import type { Env } from "../../../../worker/env.ts";
import { WorkerCalls } from "../../../../worker/mcp/calls/worker-calls.ts";
import type { CallRequest, CallResult, RelayRpc } from "../../../../worker/relay/rpc.ts";
import type { TeamRpc } from "../../../../worker/team/rpc.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { bindings } from "../../support/worker.ts";

afterEach(cleanUp);

const never = () => new Promise<never>(() => {});

const PRINCIPAL: Principal = {
  id: "ann",
  team: "team",
  scopes: ["aimdb:read"],
  rightsVersion: 1,
};

const CALL: FleetCall = {
  instance: "gw-1/plant",
  method: "samples.read",
  params: { record: "a", wait_ms: 8_000, max_samples: 1, max_bytes: 1 },
  deadlineMs: 9_000,
};

interface Objects {
  readonly relay?: Partial<Record<keyof RelayRpc, (request: CallRequest) => Promise<unknown>>>;
  readonly team?: Partial<Record<keyof TeamRpc, () => Promise<unknown>>>;
}

/** Each test has a team of its own: which relay a name means is remembered. */
let teams = 0;

function callsTo(
  { relay = {}, team = {} }: Objects,
  renew: () => Promise<Principal | undefined> = never,
): WorkerCalls {
  teams += 1;
  const objects = (object: object) => ({ idFromString: (id: string) => id, get: () => object });
  const known = { relay: () => Promise.resolve("object"), ...team };
  const env = { ...bindings, RELAY: objects(relay), TEAM: objects(known) } as unknown as Env;
  return new WorkerCalls(env, { ...PRINCIPAL, team: `team-${teams}` }, renew);
}

const OUTDATED: CallResult = {
  ok: false,
  outdated: "rights",
  failure: { code: "unauthenticated", message: "Outdated." },
};

describe("a call is answered within its deadline", () => {
  const deadlineMs = 300;
  test.each<[string, Objects]>([
    ["its relay's object", { relay: { call: never } }],
    ["its team's object, which knows the relay,", { team: { relay: never } }],
    ["who tells anew what it may", { relay: { call: () => Promise.resolve(OUTDATED) } }],
  ])("where %s hangs", async (_, objects) => {
    expect(await callsTo(objects).call({ ...CALL, deadlineMs })).toMatchObject({
      ok: false,
      error: { code: "deadline_exceeded" },
    });
  });

  test("where its relay's object is reset, and hangs then", async () => {
    let asked = 0;
    const call = () => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error("reset")) : never();
    };

    expect(await callsTo({ relay: { call } }).call({ ...CALL, deadlineMs: 600 })).toMatchObject({
      error: { code: "deadline_exceeded" },
    });
    expect(asked).toBe(2);
  });
});

test("a call whose rights are outdated each time is asked three times, and then says so", async () => {
  let asked = 0;
  const call = async () => {
    asked += 1;
    return OUTDATED;
  };
  const calls = callsTo({ relay: { call } }, () => Promise.resolve(PRINCIPAL));

  expect(await calls.call({ ...CALL, deadlineMs: 5_000 })).toEqual({
    ok: false,
    error: OUTDATED.failure,
  });
  expect(asked).toBe(3);
});

test("a repeated read has the time left, and waits only the rest", async () => {
  const asked: CallRequest[] = [];
  const call = async (request: CallRequest): Promise<CallResult> => {
    asked.push(request);
    if (asked.length === 1) throw new Error("reset");
    return { ok: true, value: 7, sessionStartedAtMs: 0 };
  };

  expect(await callsTo({ relay: { call } }).call(CALL)).toMatchObject({ ok: true });
  const [first, second] = asked.map(({ deadlineMs, params }) => {
    const { wait_ms: waitMs } = params as { wait_ms: number };
    return { deadlineMs, waitMs };
  });
  expect(first?.deadlineMs).toBeLessThan(9_000);
  expect(second?.deadlineMs).toBeLessThan(first?.deadlineMs ?? 0);
  expect(second?.waitMs).toBeLessThan(first?.waitMs ?? 0);
});

test("a fleet whose team hangs is a failure of the closed list", async () => {
  const calls = callsTo({ team: { relaysFor: never } });
  const ahead = { method: "record.get", params: { record: "a" }, deadlineMs: 100 } as const;

  await expect(calls.instances({ record: "a", ahead })).rejects.toMatchObject({
    failure: { code: "deadline_exceeded" },
  });
});
