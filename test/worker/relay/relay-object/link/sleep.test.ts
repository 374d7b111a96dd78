import { afterEach, describe, expect, test, vi } from "vitest";
import { randomHex } from "../../../../../worker/auth/secret.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import type { ReadResult, SubscribeResult } from "../../../../../worker/relay/rpc.ts";
import type { Principal } from "../../../../../worker/auth/principal.ts";
import { connected } from "../../../support/connected.ts";
import { readResult, sample } from "../../../../support/link/link-samples.ts";
import { announced } from "../../../support/builders.ts";
import { call, write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { createDialToken, enrollDevice, type Device } from "../../../support/device.ts";
import { evict } from "../../../support/objects.ts";
import { dial, ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

function stateOf({ team, relay_id }: Device) {
  return relayOf(bindings, relay_id)
    .describe({ team: team.id })
    .then((described) => described?.state);
}

describe("a second dial", () => {
  test("replaces the first: its socket is closed, the new one is heard [D-9]", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();

    const second = await ScriptedRelay.connect(device, [announced({ name: "again" })]);
    second.script = () => "second";

    expect(await relay.closed()).toMatchObject({ code: 4409 });
    expect(await call(device, principal)).toMatchObject({ ok: true, value: "second" });
  });

  test("fails what waits on the first at once, and repeats no write [M-10] [R-4]", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();
    const read = call(device, principal, { deadlineMs: 30_000 });
    const written = write(device, await team.principal(["aimdb:write"]));
    const requests = [await relay.nextRequest("record.get"), await relay.nextRequest("record.set")];

    const second = await ScriptedRelay.dial(device);

    expect(await written).toMatchObject({
      ok: true,
      report: { status: "ended", outcome: { outcome: "unknown", code: "link_lost" } },
    });
    await second.greet();
    const asked: string[] = [];
    second.script = ({ id, method }) => {
      asked.push(`${method} ${id}`);
      return "second";
    };
    for (const request of requests) second.reply(request, "late");
    expect(await read).toMatchObject({ value: "second" });
    const id = randomHex(16);
    expect(await call(device, principal, { id })).toMatchObject({ value: "second" });
    expect(asked).toEqual([expect.stringContaining("record.get "), `record.get ${id}`]);
    expect(await second.nextFrame("outcome")).toEqual({ t: "outcome", ids: [requests[1]?.id] });
    expect(second.untakenFrames).toBe(0);
  });

  test("leaves the inventory until the new one comes", async () => {
    const { team, device } = await connected();

    const second = await ScriptedRelay.dial(device);
    await second.greet();

    const described = await relayOf(bindings, device.relay_id).describe({ team: team.id });
    expect(described?.instances.map(({ name }) => name)).toEqual(["plant"]);
  });

  test("that is refused leaves the first as it is", async () => {
    const { team, device, relay } = await connected();
    relay.script = () => "first";

    const refused = await dial(await createDialToken(device, { claims: { aud: "other" } }));

    expect(refused.status).toBe(401);
    expect(await call(device, await team.principal())).toMatchObject({ ok: true, value: "first" });
  });
});

describe("a relay object that slept", () => {
  test("keeps its socket and its session", async () => {
    const { team, device, relay } = await connected();
    relay.script = () => "awake";
    const principal = await team.principal();
    const before = await call(device, principal);

    await evict("RELAY", device.relay_id);

    expect(await stateOf(device)).toMatchObject({ name: "live", relayVersion: "0.1.0" });
    expect(await call(device, principal)).toEqual(before);
  });

  test("answers heartbeats and hears frames", async () => {
    const { device, relay } = await connected();
    await evict("RELAY", device.relay_id);

    relay.send('{"t":"ping"}');
    expect(await relay.nextText()).toBe('{"t":"pong"}');
    await relay.announce(device, [announced({ name: "found" })]);
    relay.send("{");
    expect(await relay.closed()).toMatchObject({ code: 4400 });
    await vi.waitFor(async () => expect(await stateOf(device)).toMatchObject({ name: "offline" }));
  });

  test("still refuses a second hello", async () => {
    const { device, relay } = await connected();
    await evict("RELAY", device.relay_id);

    relay.send('{"t":"hello","versions":{"min":1,"max":1},"relay_version":"1","clock_ms":0}');

    expect(await relay.closed()).toMatchObject({ code: 4400 });
  });

  test("sees that the relay closes", async () => {
    const { device, relay } = await connected();
    await evict("RELAY", device.relay_id);

    await relay.end();

    await vi.waitFor(async () => expect(await stateOf(device)).toMatchObject({ name: "offline" }));
  });

  test("replaces a socket from before it slept", async () => {
    const { team, device, relay } = await connected();
    await evict("RELAY", device.relay_id);

    const second = await ScriptedRelay.connect(device);
    second.script = () => "second";

    expect(await relay.closed()).toMatchObject({ code: 4409 });
    await evict("RELAY", device.relay_id);
    expect(await call(device, await team.principal())).toMatchObject({ value: "second" });
  });

  test("accepts no dial token a second time [D-6]", async () => {
    const device = await enrollDevice(await createTeam());
    const token = await createDialToken(device);
    const relay = ScriptedRelay.from(await dial(token));
    await relay.end();
    await evict("RELAY", device.relay_id);

    expect((await dial(token)).status).toBe(401);
  });

  test("says of a relay that never dialed that it is offline since it enrolled", async () => {
    const before = Date.now();
    const device = await enrollDevice(await createTeam());
    const enrolled = await stateOf(device);

    await evict("RELAY", device.relay_id);

    expect(await stateOf(device)).toEqual(enrolled);
    if (enrolled?.name !== "offline") throw new Error("A relay without a link is not offline");
    expect(enrolled.sinceMs).toBeGreaterThanOrEqual(before);
  });
});

describe("a relay object that was reset", () => {
  test("knows the next time too since when its relay is away", async () => {
    const { device } = await connected();
    await evict("RELAY", device.relay_id, "close");
    const state = await stateOf(device);
    await evict("RELAY", device.relay_id);

    expect(await stateOf(device)).toEqual(state);
  });

  test("has lost its socket, knows its relay and takes the next dial", async () => {
    const { team, device, relay } = await connected();
    await evict("RELAY", device.relay_id, "close");

    expect(await relay.closed()).toMatchObject({ code: 1006 });
    expect(await stateOf(device)).toMatchObject({ name: "offline" });
    const second = await ScriptedRelay.connect(device);
    second.script = () => "second";
    expect(await call(device, await team.principal())).toMatchObject({ value: "second" });
  });
});

describe("a subscription", () => {
  function subscribe(device: Device, principal: Principal): Promise<SubscribeResult> {
    return relayOf(bindings, device.relay_id).subscribe({
      principal,
      instance: "plant",
      record: "sensor.temp",
      durationMs: 60_000,
      maxEvents: null,
    });
  }

  function read(
    device: Device,
    principal: Principal,
    opened: SubscribeResult,
    readId: string,
  ): Promise<ReadResult> {
    const id = opened.ok ? opened.id : "";
    const request = { principal, id, readId, waitMs: 1_000, maxBytes: 9_000 };
    return relayOf(bindings, device.relay_id).readSubscription(request);
  }

  test("continues where it was when the object slept, was reset, and the relay dialed again", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();
    let sequence = 4;
    const script: ScriptedRelay["script"] = () => {
      sequence += 1;
      const cursor = { epoch: "e.0", sequence };
      return JSON.parse(JSON.stringify(readResult({ cursor, samples: [sample({ sequence })] })));
    };
    const asked: unknown[] = [];
    const remember = (from: ScriptedRelay) => {
      from.script = (request) => {
        asked.push(request.params);
        return script(request);
      };
    };
    remember(relay);

    const opened = await subscribe(device, principal);
    await evict("RELAY", device.relay_id);
    const first = await read(device, principal, opened, "1");
    await evict("RELAY", device.relay_id, "close");
    const reading = read(device, principal, opened, "2");
    const again = await ScriptedRelay.dial(device);
    remember(again);
    await again.greet();
    const second = await reading;

    expect(first).toMatchObject({ ok: true, batch: { samples: [{ sequence: 6 }] } });
    expect(second).toMatchObject({ ok: true, batch: { samples: [{ sequence: 7 }] } });
    expect(asked).toMatchObject([
      { max_samples: 0 },
      { after: { epoch: "e.0", sequence: 5 } },
      { after: { epoch: "e.0", sequence: 6 } },
    ]);
  });

  test("gives again what it gave if its object was reset after the answer", async () => {
    const { team, device, relay } = await connected();
    const principal = await team.principal();
    const asked: unknown[] = [];
    relay.script = ({ params }) => {
      asked.push(params);
      const cursor = { epoch: "e.0", sequence: asked.length };
      return JSON.parse(JSON.stringify(readResult({ cursor, samples: [sample()] })));
    };
    const opened = await subscribe(device, principal);
    await read(device, principal, opened, "1");
    await evict("RELAY", device.relay_id);

    await read(device, principal, opened, "1");
    await read(device, principal, opened, "2");

    expect(asked.slice(1)).toMatchObject([
      { after: { sequence: 1 } },
      { after: { sequence: 1 } },
      { after: { sequence: 3 } },
    ]);
  });
});
