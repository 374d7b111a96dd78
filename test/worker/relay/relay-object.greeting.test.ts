import { afterEach, describe, expect, test, vi } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import { HEARTBEAT_INTERVAL_MS, MAX_FRAME_BYTES } from "#shared/link/limits.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { announced } from "../support/builders.ts";
import { call } from "../support/calls.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { HELLO, ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { bindings } from "../support/worker.ts";

afterEach(cleanUp);

const INVENTORY = encodeFrame({
  t: "inventory",
  confirm_writes: "never",
  instances: [],
  skipped: [],
});
const REPLY = encodeFrame({ t: "reply", id: "0".repeat(32), instance: "plant", ok: 1 });

describe("the greeting", () => {
  test("is answered with a welcome", async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    expect(await relay.greet()).toEqual({
      t: "welcome",
      version: 1,
      session: expect.stringMatching(/^[0-9a-f]{16}$/),
      heartbeat_interval_ms: HEARTBEAT_INTERVAL_MS,
      server_time_ms: expect.any(Number),
    });
  });

  test("agrees on a version with a relay that speaks later ones too", async () => {
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

  test("shows how far the relay's clock is off", async () => {
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

  test("ends the link after five seconds without a hello", { timeout: 10_000 }, async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    expect(await relay.closed(8_000)).toMatchObject({ code: 4408 });
  });
});

describe("the link is closed", () => {
  test.each([
    { name: "4400 on an inventory before the hello", code: 4400, messages: [INVENTORY] },
    { name: "4400 on a reply before the hello", code: 4400, messages: [REPLY] },
    {
      name: "4400 on a second hello",
      code: 4400,
      messages: [encodeFrame(HELLO), encodeFrame(HELLO)],
    },
    { name: "4400 on text that is not JSON", code: 4400, messages: ["hello"] },
    { name: "4400 on an empty text", code: 4400, messages: [""] },
    { name: "4400 on JSON that is no frame", code: 4400, messages: ["[]"] },
    {
      name: "4400 on a frame of the other direction",
      code: 4400,
      messages: [encodeFrame({ t: "cancel", id: "0".repeat(32) })],
    },
    {
      name: "4400 on a hello without a version",
      code: 4400,
      messages: [JSON.stringify({ ...HELLO, versions: undefined })],
    },
    {
      name: "4400 on a frame of no known type behind the hello",
      code: 4400,
      messages: [encodeFrame(HELLO), JSON.stringify({ t: "config", writable_records: ["*"] })],
    },
    {
      name: "4400 on an instance name that could name a path",
      code: 4400,
      messages: [encodeFrame(HELLO), inventoryOf("../plant")],
    },
    { name: "4400 on bytes", code: 4400, messages: [new ArrayBuffer(2)] },
    {
      name: "4413 on a frame over 1 MiB",
      code: 4413,
      messages: [encodeFrame(HELLO), " ".repeat(MAX_FRAME_BYTES + 1)],
    },
    {
      name: "4413 on a frame over 1 MiB in UTF-8 only",
      code: 4413,
      messages: [encodeFrame(HELLO), "ü".repeat(MAX_FRAME_BYTES / 2 + 1)],
    },
    {
      name: "4426 on versions that are all later",
      code: 4426,
      messages: [encodeFrame({ ...HELLO, versions: { min: 2, max: 3 } })],
    },
    {
      name: "4426 on a range that is none",
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
  test("is answered with its fixed text, before the greeting too", async () => {
    const device = await enrollDevice(await createTeam());
    const relay = await ScriptedRelay.dial(device);

    relay.send('{"t":"ping"}');
    expect(await relay.nextText()).toBe('{"t":"pong"}');
    await relay.greet();
    relay.send('{"t":"ping"}');
    expect(await relay.nextText()).toBe('{"t":"pong"}');
  });
});
