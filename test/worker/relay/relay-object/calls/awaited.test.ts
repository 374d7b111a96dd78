/** Reads that come while a relay is on its way back. */
import { afterEach, describe, expect, test } from "vitest";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { connected } from "../../../support/connected.ts";
import { broken, reset } from "../../../support/away.ts";
import { call } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

describe.each([
  ["whose link broke a moment ago", broken],
  ["whose object was reset", reset],
] as const)("of a relay %s", (_, away) => {
  test("a read waits for the next link, with less time", async () => {
    const { device, principal } = await away();
    const params = { record: "sensor.temp", wait_ms: 4_000, max_samples: 1, max_bytes: 9 };
    const change = { method: "samples.read", params, deadlineMs: 9_000 } as const;
    const read = call(device, principal, change);

    const next = await ScriptedRelay.connect(device);
    const request = await next.nextRequest();
    next.reply(request, 7);

    expect(await read).toMatchObject({ ok: true, value: 7 });
    expect(request.deadline_ms).toBeLessThan(9_000);
    expect((request.params as typeof params).wait_ms).toBeLessThan(4_000);
  });

  test("a read waits no longer than it may take", async () => {
    const { device, principal } = await away();

    expect(await call(device, principal, { deadlineMs: 150 })).toMatchObject({
      ok: false,
      failure: { code: "relay_offline" },
    });
  });

  test("a relay's state is told when it is back, if the question waits for that", async () => {
    const { team, device } = await away();
    const described = relayOf(bindings, device.relay_id).describe({
      team: team.id,
      waitMs: 4_000,
    });

    await ScriptedRelay.connect(device);

    expect(await described).toMatchObject({
      state: { name: "live" },
      instances: [{ name: "plant" }],
    });
  });

  test("a relay's state is told no later than was asked", async () => {
    const { team, device } = await away();
    const described = relayOf(bindings, device.relay_id).describe({ team: team.id, waitMs: 50 });

    expect(await described).toMatchObject({ state: { name: "offline" } });
  });

  test("a take does not wait", async () => {
    const { device, principal } = await away();
    const params = { record: "sensor.temp", limit: 1 };
    const change = { method: "record.drain", params, deadlineMs: 30_000 } as const;

    expect(await call(device, principal, change)).toMatchObject({
      ok: false,
      failure: { code: "relay_offline" },
    });
  });
});

test("a caller that waits for a relay that its team suspends is answered at once", async () => {
  const { team, device, principal } = await broken();
  const read = call(device, principal, { deadlineMs: 30_000 });

  await teamOf(bindings, team.id)?.setRelayStatus("gw-1", "suspended");

  expect(await read).toMatchObject({
    ok: false,
    failure: { code: "relay_offline", message: expect.stringContaining("suspended") },
  });
});

test("a read that loses its link because the team suspends the relay is answered at once", async () => {
  const { team, device, relay } = await connected();
  const read = call(device, await team.principal(), { deadlineMs: 30_000 });
  await relay.nextRequest();

  await teamOf(bindings, team.id)?.setRelayStatus("gw-1", "suspended");

  expect(await read).toMatchObject({ ok: false, failure: { code: "link_lost" } });
});
