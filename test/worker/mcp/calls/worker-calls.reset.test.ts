import { abortAllDurableObjects } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { Env } from "../../../../worker/env.ts";
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import { WorkerCalls } from "../../../../worker/mcp/calls/worker-calls.ts";
import type { Principal } from "../../../../worker/auth/principal.ts";
import type {
  CallRequest,
  CallResult,
  ReadRequest,
  WriteCall,
} from "../../../../worker/relay/rpc.ts";
import { connected } from "../../support/connected.ts";
import { getResult } from "../../../support/link/link-samples.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { callTool } from "../../support/mcp.ts";
import { ScriptedRelay } from "../../support/scripted-relay.ts";
import { bindings } from "../../support/worker.ts";

afterEach(cleanUp);

const ADDRESS = { record_name: "sensor.temp", instance: "gw-1/plant" };

const WRITE = {
  record: "sensor.temp",
  value: 1,
  isDryRun: false,
  skipsValidation: false,
  asks: { form: false, url: false },
};

describe("when its object is reset during a call", () => {
  test("a read is asked again, once the relay is back", async () => {
    const { team, device, relay } = await connected();
    const reading = callTool(await team.accessToken(), "get_record", ADDRESS);
    await relay.nextRequest();

    await abortAllDurableObjects();
    const again = await ScriptedRelay.connect(device);
    again.reply(await again.nextRequest(), JSON.parse(JSON.stringify(getResult({ value: 7 }))));

    expect((await reading).json).toMatchObject({ value: 7, stale: false });
  });

  test("a write is not: its outcome is unknown", async () => {
    const { team, relay } = await connected();
    const args = { ...ADDRESS, value: 1 };
    const writing = callTool(await team.accessToken(["aimdb:write"]), "set_record", args);
    await relay.nextRequest("record.set");

    await abortAllDurableObjects();

    const { isError, json } = await writing;
    expect(isError).toBe(true);
    expect(json).toMatchObject({
      success: false,
      outcome: "unknown",
      error: { message: expect.stringContaining("may have been executed") },
    });
  });

  test("a relay that dials again is reached at once", async () => {
    const { team, device } = await connected();
    await abortAllDurableObjects();

    const again = await ScriptedRelay.connect(device);
    again.script = () => JSON.parse(JSON.stringify(getResult({ value: "again" })));

    const { json } = await callTool(await team.accessToken(), "get_record", ADDRESS);
    expect(json.value).toBe("again");
  });
});

/** A fleet whose relay object throws as often as it says, and the calls it got. */
async function fleetOver(failures: number) {
  const { team, device } = await connected();
  const calls: CallRequest[] = [];
  const writes: WriteCall[] = [];
  const reads: ReadRequest[] = [];
  const object = {
    call: async (request: CallRequest): Promise<CallResult> => {
      calls.push(request);
      if (calls.length <= failures) throw new Error("s3cret: The object's code was updated");
      return { ok: true, value: getResult(), sessionStartedAtMs: 0 };
    },
    write: (call: WriteCall) => {
      writes.push(call);
      return Promise.reject(new Error("s3cret"));
    },
    writeReport: () => Promise.reject(new Error("s3cret")),
    subscribe: () => Promise.reject(new Error("s3cret")),
    readSubscription: (read: ReadRequest) => {
      reads.push(read);
      return Promise.reject(new Error("s3cret"));
    },
    unsubscribe: () => Promise.reject(new Error("s3cret")),
  };
  const RELAY = { ...bindings.RELAY, idFromString: () => device.relay_id, get: () => object };
  const env = { ...bindings, RELAY } as unknown as Env;
  const principal: Principal = await team.principal(["aimdb:write"]);
  return { fleet: new CallingFleet(new WorkerCalls(env, principal)), calls, writes, reads };
}

describe("an object that throws", () => {
  test("once costs a read a second call under another id", async () => {
    const { fleet, calls } = await fleetOver(1);

    expect(await fleet.getRecord("gw-1/plant", "sensor.temp")).toMatchObject({ ok: true });
    expect(calls).toHaveLength(2);
    expect(calls[0]?.id).not.toBe(calls[1]?.id);
  });

  test("leaves open whether counters were reset, and is asked once", async () => {
    const { fleet, calls } = await fleetOver(1);

    const reset = await fleet.resetDiagnostics("gw-1/plant", { what: "buffer_metrics" });

    expect(reset).toMatchObject({
      ok: false,
      error: { code: "internal", message: expect.stringContaining("may have been done") },
    });
    expect(calls).toHaveLength(1);
  });

  test("twice is a failure that reveals nothing internal", async () => {
    const { fleet, calls } = await fleetOver(9);

    const reading = await fleet.getRecord("gw-1/plant", "sensor.temp");

    expect(reading).toMatchObject({ ok: false, error: { code: "internal" } });
    expect(JSON.stringify(reading)).not.toContain("s3cret");
    expect(calls).toHaveLength(2);
  });

  test("receives a write once", async () => {
    const { fleet, writes } = await fleetOver(9);

    expect(await fleet.setRecord("gw-1/plant", WRITE)).toMatchObject({
      ok: true,
      value: { status: "ended", outcome: { outcome: "unknown" } },
    });
    expect(writes).toHaveLength(1);
  });

  test("gets a subscription's read a second time as the same one", async () => {
    const { fleet, reads } = await fleetOver(9);
    for (let n = 0; n < 2; n += 1) {
      await fleet.readSubscription("gw-1.x", { waitMs: 0, maxBytes: 1 });
    }
    const ids = reads.map(({ readId }) => readId);

    expect(ids).toHaveLength(4);
    expect([ids[0], ids[2]]).toEqual([ids[1], ids[3]]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  test("fails a subscription's calls without revealing anything internal", async () => {
    const { fleet } = await fleetOver(9);
    const request = { instance: "gw-1/plant", record: "a", durationMs: 1, maxEvents: undefined };
    const answers = [
      await fleet.subscribe(request),
      await fleet.readSubscription("gw-1.x", { waitMs: 0, maxBytes: 1 }),
      await fleet.unsubscribe("gw-1.x"),
    ];

    expect(answers.map((answer) => !answer.ok && answer.error.code)).toEqual([
      "internal",
      "internal",
      "internal",
    ]);
    expect(JSON.stringify(answers)).not.toContain("s3cret");
  });
});
