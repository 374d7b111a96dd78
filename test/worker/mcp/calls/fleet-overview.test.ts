import { afterEach, describe, expect, test, vi } from "vitest";
import type { InstanceOverview } from "#shared/fleet/fleet.ts";
import { Deadline } from "../../../../worker/deadline.ts";
import type { Env } from "../../../../worker/env.ts";
import { readFleet } from "../../../../worker/mcp/calls/fleet-overview.ts";
import { connected } from "../../support/connected.ts";
import { relaysBut, strangeRelays } from "../../support/broken-relay.ts";
import { announced } from "../../support/builders.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { enrollDevice } from "../../support/device.ts";
import { evict, inObject } from "../../support/objects.ts";
import { ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../../support/team.ts";
import { bindings } from "../../support/worker.ts";

afterEach(cleanUp);

async function fleetOf(
  team: TestTeam,
  { env = bindings, record }: { env?: Env; record?: string } = {},
): Promise<InstanceOverview> {
  const fleet = await readFleet(env, await team.principal(), { record }, new Deadline(5_000));
  if (fleet === undefined) throw new Error("Rights that were just given are outdated");
  return fleet.overview;
}

describe("readFleet()", () => {
  test("is empty for a team without relays", async () => {
    const team = await createTeam();

    expect(await fleetOf(team)).toEqual({
      relayCount: 0,
      instances: [],
      skipped: [],
      failed: [],
    });
  });

  test("has the instances of every relay, in the order of relay names", async () => {
    const team = await createTeam();
    const b = await enrollDevice(team, "b");
    await ScriptedRelay.connect(b, [announced({ name: "two" }), announced({ name: "one" })]);
    const a = await enrollDevice(team, "a");
    await ScriptedRelay.connect(a, [announced({ name: "plant", state: "down", reason: "gone" })]);

    const { relayCount, instances } = await fleetOf(team);

    expect(relayCount).toBe(2);
    expect(instances.map(({ instance, relay, status }) => ({ instance, relay, status }))).toEqual([
      { instance: "a/plant", relay: "a", status: "down" },
      { instance: "b/two", relay: "b", status: "up" },
      { instance: "b/one", relay: "b", status: "up" },
    ]);
    expect(instances[0]).toMatchObject({ reason: "gone", socket_path: "/tmp/plant.sock" });
  });

  test("says which have a record", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const { records: _left, ...unlisted } = announced({ name: "large" });
    await ScriptedRelay.connect(device, [
      announced({ name: "with" }),
      announced({ name: "without", records: [] }),
      unlisted,
    ]);

    const { instances } = await fleetOf(team, { record: "sensor.temp" });

    expect(instances.map(({ name, hasRecord }) => [name, hasRecord])).toEqual([
      ["with", true],
      ["without", false],
      ["large", null],
    ]);
  });

  test("has sockets that were skipped, by their reason", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const relay = await ScriptedRelay.connect(device, []);
    await relay.announce(device, [], [{ socket_path: "/tmp/x.sock", reason: "Not AimX." }]);

    expect(await fleetOf(team)).toMatchObject({
      instances: [],
      skipped: [{ relay: "gw-1", reason: "Not AimX." }],
    });
  });

  test("shows the instances of an offline relay, and since when it has been offline", async () => {
    const { team, relay } = await connected();
    const before = new Date().toISOString();
    await relay.end();

    await vi.waitFor(async () => {
      const { instances } = await fleetOf(team);
      expect(instances).toMatchObject([{ instance: "gw-1/plant", status: "offline" }]);
      expect(String(instances[0]?.offlineSince) >= before).toBe(true);
    });
  });

  test("waits for relays that had a link a moment ago, all at once", async () => {
    const team = await createTeam();
    const a = await enrollDevice(team, "a");
    const b = await enrollDevice(team, "b");
    for (const device of [a, b]) {
      await ScriptedRelay.connect(device);
      await evict("RELAY", device.relay_id, "close");
    }

    const asked = readFleet(bindings, await team.principal(), {}, new Deadline(5_000));
    await Promise.all([ScriptedRelay.connect(b), ScriptedRelay.connect(a)]);

    expect((await asked)?.overview.instances).toMatchObject([
      { instance: "a/plant", status: "up" },
      { instance: "b/plant", status: "up" },
    ]);
  });

  test("names a relay whose object can't be read, beside the others' instances", async () => {
    const team = await createTeam();
    const broken = await enrollDevice(team, "broken");
    await ScriptedRelay.connect(await enrollDevice(team, "good"));
    const env = { ...bindings, RELAY: relaysBut(broken.relay_id) };
    const { instances, failed } = await fleetOf(team, { env });

    expect(instances.map(({ instance }) => instance)).toEqual(["good/plant"]);
    expect(failed).toMatchObject([{ relay: "broken", failure: { code: "deadline_exceeded" } }]);
  });

  test("names the relays beyond those it may ask", async () => {
    const team = await createTeam();
    await inObject("TEAM", team.id, ({ storage: { sql } }) => {
      for (let i = 0; i < 202; i += 1) {
        const id = bindings.RELAY.newUniqueId().toString();
        const name = `gw-${String(i).padStart(3, "0")}`;
        sql.exec(
          "INSERT INTO relay (name, object_id, public_key, created_at) VALUES (?, ?, 'key', 0)",
          name,
          id,
        );
      }
    });

    const env = { ...bindings, RELAY: strangeRelays() };
    const { relayCount, failed } = await fleetOf(team, { env });

    expect(relayCount).toBe(202);
    expect(failed).toHaveLength(202);
    expect(failed.slice(-3).map(({ relay, failure }) => [relay, failure.code])).toEqual([
      ["gw-199", "deadline_exceeded"],
      ["gw-200", "too_large"],
      ["gw-201", "too_large"],
    ]);
  });
});
