import { afterEach, describe, expect, test, vi } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import type { LinkReading } from "#shared/link/last-known.ts";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { connected, type Connected } from "../../../support/connected.ts";
import { getResult } from "../../../../support/link/link-samples.ts";
import { announced } from "../../../support/builders.ts";
import { call, write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { callTool } from "../../../support/mcp.ts";
import { evict } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

/** The link is gone, and its object knows. */
async function goAway({ relay, device, team }: Connected): Promise<void> {
  await relay.end();
  await vi.waitFor(async () => {
    const described = await relayOf(bindings, device.relay_id).describe({ team: team.id });
    expect(described?.state.name).toBe("offline");
  });
}

const READING: LinkReading = getResult({ at_ms: -60_000, value: { celsius: 19 }, sequence: 9 });

function tell(relay: ScriptedRelay, readings: LinkReading[], name = "plant"): void {
  relay.send(encodeFrame({ t: "last_known", instances: [{ name, readings }] }));
}

describe("while the relay is away, record.get", () => {
  test("gives what a call gave before, at its own time [K-5] [K-6]", async () => {
    const begun = await connected();
    begun.relay.script = () => JSON.parse(JSON.stringify(getResult({ at_ms: 0, value: 7 })));
    const live = await call(begun.device, await begun.team.principal());
    const startedAtMs = live.ok ? live.sessionStartedAtMs : 0;
    await goAway(begun);

    expect(await call(begun.device, await begun.team.principal())).toEqual({
      ok: true,
      value: getResult({ at_ms: startedAtMs, value: 7 }),
      sessionStartedAtMs: 0,
      staleSince: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test("gives what the relay sent unasked, even after the object slept [K-5] [K-6]", async () => {
    const begun = await connected();
    tell(begun.relay, [READING]);
    await goAway(begun);
    await evict("RELAY", begun.device.relay_id);

    const answer = await call(begun.device, await begun.team.principal());

    expect(answer).toMatchObject({ ok: true, value: { sample: { value: { celsius: 19 } } } });
  });

  test("says that the relay is offline if nothing is known", async () => {
    const begun = await connected();
    await goAway(begun);

    expect(await call(begun.device, await begun.team.principal())).toMatchObject({
      ok: false,
      failure: { code: "relay_offline", details: { offline_since: expect.any(String) } },
    });
  });

  test("gives nothing of a record that was hidden since [K-7]", async () => {
    const begun = await connected();
    tell(begun.relay, [READING]);
    await begun.relay.announce(begun.device, [
      announced({ name: "plant", records: [{ key: "other", type_name: "T" }] }),
      announced({ name: "second" }),
    ]);
    await goAway(begun);

    expect(await call(begun.device, await begun.team.principal())).toMatchObject({ ok: false });
  });

  test("gives nothing to another team", async () => {
    const begun = await connected();
    tell(begun.relay, [READING]);
    await goAway(begun);
    const stranger = await createTeam("Strangers");

    expect(await call(begun.device, await stranger.principal())).toMatchObject({
      ok: false,
      failure: { code: "unknown_instance" },
    });
  });

  test("is live again with the next session [K-6]", async () => {
    const begun = await connected();
    tell(begun.relay, [READING]);
    await goAway(begun);
    const again = await ScriptedRelay.connect(begun.device);
    again.script = () => "live";

    expect(await call(begun.device, await begun.team.principal())).toEqual({
      ok: true,
      value: "live",
      sessionStartedAtMs: expect.any(Number),
    });
  });
});

test("a write is not executed while the relay is away, whatever is known", async () => {
  const begun = await connected();
  tell(begun.relay, [READING]);
  await goAway(begun);

  const answer = await write(begun.device, await begun.team.principal(["aimdb:write"]));

  expect(answer).toMatchObject({
    report: { outcome: { outcome: "not_applied", code: "relay_offline" } },
  });
});

test("get_record says that a value is the last known one, its age and since when", async () => {
  const begun = await connected();
  const observedAtMs = Date.now() - 60_000;
  tell(begun.relay, [READING]);
  await goAway(begun);

  const { json } = await callTool(await begun.team.accessToken(), "get_record", {
    record_name: "sensor.temp",
  });

  expect(json).toMatchObject({
    instance: "gw-1/plant",
    value: { celsius: 19 },
    stale: true,
    offline_since: expect.stringMatching(/Z$/),
    sequence: 9,
  });
  expect(json.age_ms).toBeGreaterThanOrEqual(60_000);
  expect(Math.abs(Date.parse(json.timestamp) - observedAtMs)).toBeLessThan(10_000);
});
