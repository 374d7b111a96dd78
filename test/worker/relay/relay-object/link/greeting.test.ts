import { afterEach, describe, expect, test, vi } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import { HEARTBEAT_INTERVAL_MS, MAX_FRAME_BYTES } from "#shared/link/limits.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { announced } from "../../../support/builders.ts";
import { call } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice } from "../../../support/device.ts";
import { HELLO, ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

const INVENTORY = encodeFrame({
  t: "inventory",
  confirm_writes: "never",
  instances: [],
  skipped: [],
});
const REPLY = encodeFrame({ t: "reply", id: "0".repeat(32), instance: "plant", ok: 1 });

describe("the greeting", () => {
  test("is answered with a welcome [H-2]", async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    expect(await relay.greet()).toEqual({
      t: "welcome",
      version: 1,
      session: expect.stringMatching(/^[0-9a-f]{16}$/),
      heartbeat_interval_ms: HEARTBEAT_INTERVAL_MS,
      server_time_ms: expect.any(Number),
      continuity: expect.stringMatching(/^[\w-]{43}$/),
      features: ["parts", "link_slow", "budget"],
    });
  });

  test("is answered before any other frame is sent, and answered once [H-6]", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const relay = await ScriptedRelay.dial(device);
    await call(device, await team.principal());
    relay.send('{"t":"ping"}');
    await relay.nextText();
    expect(relay.untakenFrames).toBe(0);

    await relay.greet();
    relay.send(encodeFrame(HELLO));

    expect(await relay.closed()).toMatchObject({ code: 4400 });
    expect(relay.untakenFrames).toBe(0);
  });

  test("and the inventory change neither the relay's name nor its team [X-2]", async () => {
    const [team, other] = [await createTeam(), await createTeam("other")];
    const device = await enrollDevice(team, "gw-1");
    const relay = await ScriptedRelay.dial(device);
    const claims = { name: "gw-2", relay: "gw-2", team: other.id, relay_id: "ab".repeat(32) };

    relay.send(JSON.stringify({ ...HELLO, ...claims }));
    await relay.nextFrame("welcome");
    relay.send(JSON.stringify({ ...JSON.parse(INVENTORY), ...claims, instances: [announced()] }));
    relay.script = () => "own";

    const [own, foreign] = [await team.principal(), await other.principal()];
    expect(await call(device, own)).toMatchObject({ ok: true, value: "own" });
    expect(await call(device, foreign)).toMatchObject({ failure: { code: "unknown_instance" } });
    const describedTo = ({ id }: TestTeam) =>
      relayOf(bindings, device.relay_id).describe({ team: id });
    expect((await describedTo(team))?.instances).toMatchObject([{ name: "plant" }]);
    expect(await describedTo(other)).toBeNull();
    const relaysOf = ({ id }: TestTeam) => teamOf(bindings, id)?.relays();
    expect(await relaysOf(team)).toEqual([{ name: "gw-1", objectId: device.relay_id }]);
    expect(await relaysOf(other)).toEqual([]);
  });

  test("agrees on a version with a relay that speaks later ones too [H-2]", async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    relay.send(encodeFrame({ ...HELLO, versions: { min: 1, max: 7 } }));

    expect(await relay.nextFrame("welcome")).toMatchObject({ version: 1 });
  });

  test("may have fields of a later version", async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    relay.send(JSON.stringify({ ...HELLO, mood: "good" }));

    expect(await relay.nextFrame("welcome")).toMatchObject({ t: "welcome" });
  });

  test("shows how far the relay's clock is off [H-9]", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const relay = await ScriptedRelay.dial(device);
    const before = Date.now();

    relay.send(encodeFrame({ ...HELLO, clock_ms: before + 3_600_000 }));
    await relay.nextFrame("welcome");

    const described = await relayOf(bindings, device.relay_id).describe({ team: team.id });
    const state = described?.state;
    if (state?.name !== "live") throw new Error("The relay is not live");
    expect(state.relayVersion).toBe(HELLO.relay_version);
    expect(state.clockOffsetMs).toBeLessThanOrEqual(3_600_000);
    expect(state.clockOffsetMs).toBeGreaterThan(3_590_000);
  });

  test("ends the link after five seconds without a hello [H-7]", { timeout: 10_000 }, async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    expect(await relay.closed(8_000)).toMatchObject({ code: 4408 });
  });
});

describe("the link is closed", () => {
  test.each([
    { name: "4400 on an inventory before the hello [H-5]", code: 4400, messages: [INVENTORY] },
    { name: "4400 on a reply before the hello [H-5]", code: 4400, messages: [REPLY] },
    {
      name: "4400 on a second hello [H-4]",
      code: 4400,
      messages: [encodeFrame(HELLO), encodeFrame(HELLO)],
    },
    { name: "4400 on text that is not JSON [F-3]", code: 4400, messages: ["hello"] },
    { name: "4400 on an empty text [F-3]", code: 4400, messages: [""] },
    { name: "4400 on JSON that is no frame [F-3]", code: 4400, messages: ["[]"] },
    {
      name: "4400 on a frame of the other direction [F-3]",
      code: 4400,
      messages: [encodeFrame({ t: "cancel", id: "0".repeat(32) })],
    },
    {
      name: "4400 on a hello without a version [F-3]",
      code: 4400,
      messages: [JSON.stringify({ ...HELLO, versions: undefined })],
    },
    {
      name: "4400 on a frame of no known type behind the hello [F-3]",
      code: 4400,
      messages: [encodeFrame(HELLO), JSON.stringify({ t: "config", writable_records: ["*"] })],
    },
    {
      name: "4400 on an instance name that could name a path [F-3]",
      code: 4400,
      messages: [encodeFrame(HELLO), inventoryOf("../plant")],
    },
    { name: "4400 on bytes [T-8]", code: 4400, messages: [new ArrayBuffer(2)] },
    {
      name: "4413 on a frame over 1 MiB [F-6]",
      code: 4413,
      messages: [encodeFrame(HELLO), " ".repeat(MAX_FRAME_BYTES + 1)],
    },
    {
      name: "4413 on a frame over 1 MiB in UTF-8 only [F-6]",
      code: 4413,
      messages: [encodeFrame(HELLO), "ü".repeat(MAX_FRAME_BYTES / 2 + 1)],
    },
    {
      name: "4426 on versions that are all later [H-3]",
      code: 4426,
      messages: [encodeFrame({ ...HELLO, versions: { min: 2, max: 3 } })],
    },
    {
      name: "4426 on a range that is none [H-3]",
      code: 4426,
      messages: [encodeFrame({ ...HELLO, versions: { min: 3, max: 1 } })],
    },
  ])("with $name", async ({ code, messages }) => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    for (const message of messages) relay.send(message);

    expect(await relay.closed()).toEqual({ code, reason: expect.stringMatching(/./) });
  });
});

function inventoryOf(name: string): string {
  return encodeFrame({
    t: "inventory",
    confirm_writes: "never",
    instances: [announced({ name })],
    skipped: [],
  });
}

describe("a relay that does not greet", () => {
  test("is offline to its callers", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    await ScriptedRelay.dial(device);

    const result = await call(device, await team.principal());

    expect(result).toMatchObject({ ok: false, failure: { code: "relay_offline" } });
  });

  test("is offline since it last was live, however often it dials", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const stateOf = async () =>
      (await relayOf(bindings, device.relay_id).describe({ team: team.id }))?.state;
    await (await ScriptedRelay.connect(device)).end();
    await vi.waitFor(async () => expect(await stateOf()).toMatchObject({ name: "offline" }));
    const offline = await stateOf();

    for (const message of ["{", encodeFrame({ ...HELLO, versions: { min: 2, max: 3 } })]) {
      const dialed = await ScriptedRelay.dial(device);
      expect(await stateOf()).toEqual(offline);
      dialed.send(message);
      await dialed.closed();
      expect(await stateOf()).toEqual(offline);
    }
  });
});

describe("a heartbeat", () => {
  test("is answered with its fixed text, before the greeting too [B-2]", async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    relay.send('{"t":"ping"}');
    expect(await relay.nextText()).toBe('{"t":"pong"}');
    await relay.greet();
    relay.send('{"t":"ping"}');
    expect(await relay.nextText()).toBe('{"t":"pong"}');
  });
});
