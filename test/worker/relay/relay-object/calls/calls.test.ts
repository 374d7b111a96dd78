import { afterEach, describe, expect, test } from "vitest";
import { vi } from "vitest";
import { randomHex } from "../../../../../worker/auth/secret.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { connected } from "../../../support/connected.ts";
import { getResult } from "../../../../support/link/link-samples.ts";
import { announced } from "../../../support/builders.ts";
import { call, write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice } from "../../../support/device.ts";
import { newObjectId, tablesOf } from "../../../support/objects.ts";
import { Refused, ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

describe("a call", () => {
  test("reaches the relay as it was asked, and its reply comes back", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();
    const id = randomHex(16);

    const asked = call(device, principal, { id, deadlineMs: 1_234 });
    const request = await relay.nextRequest();
    relay.reply(request, { a: [1, null] });

    expect(request).toEqual({
      t: "req",
      id,
      instance: "plant",
      principal: principal.id,
      deadline_ms: expect.any(Number),
      method: "record.get",
      params: { record: "sensor.temp" },
    });
    // What its team took to say what the principal may is of the call's time.
    expect(request.deadline_ms).toBeLessThanOrEqual(1_234);
    expect(await asked).toEqual({
      ok: true,
      value: { a: [1, null] },
      sessionStartedAtMs: expect.any(Number),
    });
  });

  test("gets its own reply, in whatever order they come", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();

    const calls = ["a", "b", "c"].map((record) => call(device, principal, { params: { record } }));
    const requests = [
      await relay.nextRequest(),
      await relay.nextRequest(),
      await relay.nextRequest(),
    ];
    for (const request of requests.reverse()) relay.reply(request, request.params);

    expect(await Promise.all(calls)).toMatchObject([
      { value: { record: "a" } },
      { value: { record: "b" } },
      { value: { record: "c" } },
    ]);
  });

  test.each([
    { name: "an instance the call did not ask", change: { instance: "other" } },
    { name: "an id nobody has", change: { id: "f".repeat(32) } },
  ])("ignores a reply of $name [R-5]", async ({ change }) => {
    const { team, device, relay } = await connected();

    const asked = call(device, await team.principal());
    const request = await relay.nextRequest();
    relay.reply(request, "stray", change);
    relay.reply(request, "own");

    expect(await asked).toMatchObject({ ok: true, value: "own" });
  });

  test("passes on the relay's refusal", async () => {
    const { team, device, relay } = await connected();
    relay.script = () => new Refused("unknown_record", "No such record.", { nearest: ["a.b"] });

    expect(await call(device, await team.principal())).toEqual({
      ok: false,
      failure: {
        code: "unknown_record",
        message: "No such record.",
        details: { nearest: ["a.b"] },
      },
    });
  });

  test("ends at its deadline, tells the relay, and its late reply goes nowhere [R-5] [R-7]", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();

    const result = await call(device, principal, { deadlineMs: 20 });
    const request = await relay.nextRequest();

    expect(result).toMatchObject({ ok: false, failure: { code: "deadline_exceeded" } });
    expect(await relay.nextFrame("cancel")).toEqual({ t: "cancel", id: request.id });
    relay.reply(request, "late");
    relay.script = () => "next";
    expect(await call(device, principal)).toMatchObject({ ok: true, value: "next" });
  });

  test.each([
    { name: "a relay that closes", close: (relay: ScriptedRelay) => relay.close(1000) },
    { name: "a relay that goes away", close: (relay: ScriptedRelay) => relay.close(1001) },
    { name: "a broken frame", close: (relay: ScriptedRelay) => relay.send("{") },
  ])("ends with the link if there is no other one in time, by $name [R-17]", async ({ close }) => {
    const { team, device, relay } = await connected();
    const deadlineMs = 500;

    const read = call(device, await team.principal(), { deadlineMs });
    const written = write(device, await team.principal(["aimdb:write"]));
    await relay.nextRequest("record.get");
    await relay.nextRequest("record.set");
    close(relay);

    expect(await read).toMatchObject({ ok: false, failure: { code: "link_lost" } });
    expect(await written).toMatchObject({
      ok: true,
      report: { status: "ended", outcome: { outcome: "unknown", code: "link_lost" } },
    });
  });

  test("to a relay without a link is answered at once, with since when", async () => {
    const { team, device, relay } = await connected();
    const before = Date.now();
    await relay.end();
    const principal = await team.principal();
    const describe = () => relayOf(bindings, device.relay_id).describe({ team: team.id });
    await vi.waitFor(async () => expect((await describe())?.state.name).toBe("offline"));

    const result = await call(device, principal, { deadlineMs: 30_000 });

    if (result.ok) throw new Error("A relay without a link answered");
    expect(result.failure).toMatchObject({ code: "relay_offline", details: expect.anything() });
    const since = Date.parse(result.failure.details?.offline_since ?? "");
    expect(since).toBeGreaterThanOrEqual(before);
    expect(since).toBeLessThanOrEqual(Date.now());
  });

  test("without the scope sends nothing", async () => {
    const { team, device, relay } = await connected();
    relay.script = () => "answered";

    expect(await write(device, await team.principal(["aimdb:read"]))).toMatchObject({
      report: {
        outcome: {
          outcome: "refused",
          code: "insufficient_scope",
          details: { required_scope: "aimdb:write" },
        },
      },
    });
    expect(relay.untakenFrames).toBe(0);
  });
});

describe("the inventory", () => {
  test("is shown, and still when the relay is offline [I-4]", async () => {
    const { team, device, relay } = await connected();
    const describe = () => relayOf(bindings, device.relay_id).describe({ team: team.id });
    await relay.announce(device, [announced({ name: "a" }), announced({ name: "b" })]);
    const live = await describe();
    await relay.end();

    await vi.waitFor(async () => expect((await describe())?.state.name).toBe("offline"));
    const offline = await describe();

    expect(live?.instances.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(offline?.instances).toEqual(live?.instances);
  });

  test("replaces the previous one [I-1]", async () => {
    const { team, device, relay } = await connected();

    await relay.announce(device, []);

    const described = await relayOf(bindings, device.relay_id).describe({ team: team.id });
    expect(described?.instances).toEqual([]);
  });
});

describe("another team", () => {
  test("gets exactly the answer of a relay that was never created", async () => {
    const { device, relay } = await connected();
    relay.script = () => getResult();
    const stranger = await (await createTeam("other")).principal(["aimdb:write"]);
    const missing = { relay_id: newObjectId("RELAY") };
    const subscribe = { principal: stranger, instance: "plant", record: "sensor.temp" };
    const about = { readId: "r", waitMs: 0, maxBytes: 1_000 };
    const read = { principal: stranger, id: randomHex(16), ...about };

    const answersOf = async ({ relay_id }: { relay_id: string }) => {
      const object = relayOf(bindings, relay_id);
      return [
        await call({ relay_id }, stranger),
        await write({ relay_id }, stranger),
        await object.describe({ team: stranger.team }),
        await object.subscribe({ ...subscribe, durationMs: 1_000, maxEvents: null }),
        await object.readSubscription(read),
        await object.unsubscribe({ principal: stranger, id: read.id }),
      ];
    };

    expect(JSON.stringify(await answersOf(device))).toBe(JSON.stringify(await answersOf(missing)));
    expect(await tablesOf("RELAY", missing.relay_id)).toEqual([]);
  });
});

describe("a call of samples.watch", () => {
  const params = { records: [{ record: "a" }], wait_ms: 0, max_samples: 1, max_bytes: 1 };

  test("reaches a relay that has the feature", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const relay = await ScriptedRelay.connect(device, [announced()], {
      features: ["samples.watch"],
    });

    const asked = call(device, await team.principal(), { method: "samples.watch", params });
    relay.reply(await relay.nextRequest("samples.watch"), { entries: [], more: false });

    expect(await asked).toMatchObject({ ok: true, value: { entries: [] } });
  });

  test("does not reach one that lacks it; the answer says what to do [H-11]", async () => {
    const { team, device, relay } = await connected();

    const asked = await call(device, await team.principal(), { method: "samples.watch", params });

    expect(asked).toMatchObject({
      ok: false,
      failure: {
        code: "unsupported",
        message: expect.stringContaining("Update the relay"),
      },
    });
    expect(relay.untakenFrames).toBe(0);
  });
});
