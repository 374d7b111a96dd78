/** A link that is paid for by the byte: what goes when little is left. */
import { describe, expect, test } from "vitest";
import { HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import type { Method } from "#shared/link/method.ts";
import type { Instance } from "../../../relay/instances/instance.ts";
import { countedDial } from "../../../relay/link/counted-dial.ts";
import { RelayCounts } from "../../../relay/control/relay-counts.ts";
import { LastKnownTeller, type KnownInstance } from "../../../relay/link/last-known.ts";
import { LinkedClient } from "../support/worker-side/linked-client.ts";
import { requestOf, setOf } from "../support/worker-side/link-request.ts";
import { metered } from "../support/device/metered.ts";
import { ScriptedDial } from "../support/worker-side/scripted-dial.ts";
import { serverOf } from "../support/server-of.ts";
import { turns } from "../support/until.ts";

const HOUR_MS = 3_600_000;
const LIMIT = 100_000;

const SAMPLE = { atMs: 0, timeSource: "observed", sequence: 1, epoch: "p.0" } as const;

/** Its answers have so many characters, and so many bytes are used before it is live. */
async function live(length = 10, used = 0) {
  const bed = metered({ hour: LIMIT });
  const { clock, budget, traffic, log } = bed;
  traffic.noteSent(used);
  const reading = {
    recordKey: "a",
    loss: "counted",
    sample: { ...SAMPLE, value: "x".repeat(length) },
  };
  const instance = {
    name: "boiler",
    get: async () => ({ ok: true, value: reading }),
    set: async () => ({ outcome: "applied", record_key: "a", echo: "same" }),
    graph: async () => ({ ok: true, value: { nodes: [], edges: [], order: [] } }),
  } as unknown as Instance;
  const worker = new ScriptedDial();
  const known: { instances: KnownInstance[] } = { instances: [] };
  const lastKnown = new LastKnownTeller({ read: () => known.instances, intervalMs: 60_000, clock });
  const linked = new LinkedClient({
    lastKnown,
    dial: countedDial(worker.dial, new RelayCounts(), traffic),
    budget,
    clock,
    server: serverOf({ find: () => instance, clock, log }),
  });
  linked.client.start();
  while (worker.links.length === 0) await turns(1);
  const link = worker.last;
  link.opens();
  link.welcomes(60_000);
  const ask = async (method: Method, params: object) => {
    const request =
      method === "record.set" ? setOf(1) : requestOf({ method, params: params as never });
    link.says(request);
    await turns();
    return link.of("reply").find(({ id }) => id === request.id);
  };
  const liveFor = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5_000) {
      clock.advance(5_000);
      link.says(HEARTBEAT_RESPONSE);
    }
  };
  return { ...bed, known, linked, link, ask, liveFor };
}

describe("LinkClient over a metered line", () => {
  test("counts what goes, both ways, with its headers [U-1]", async () => {
    const { traffic, link, clock, ask } = await live();
    const before = { ...traffic.look(clock.wallMs()).hour };
    const count = link.sent.length;
    await ask("record.get", { record: "a" });

    const reply = link.sent.slice(count).join("");
    const { sent, received } = traffic.look(clock.wallMs()).hour;
    expect(sent - before.sent).toBe(reply.length + 8);
    expect(received - before.received).toBeGreaterThan(150);
  });

  test("answers single reads until the reserve, then refuses them until the hour turns [U-3]", async () => {
    const { traffic, clock, ask } = await live();
    traffic.noteSent(85_000);
    const single = await ask("record.get", { record: "a" });
    const list = await ask("graph.get", {});
    traffic.noteSent(5_000);
    const refused = await ask("record.get", { record: "a" });
    clock.stepWall(HOUR_MS);

    expect(single).toMatchObject({ ok: { record_key: "a" } });
    expect(list).toMatchObject({ err: "rate_limited" });
    expect(refused).toMatchObject({
      err: "rate_limited",
      message: expect.stringContaining("link_budget_per_hour"),
      details: { retry_after_s: 3_600 },
    });
    expect(await ask("record.get", { record: "a" })).toMatchObject({ ok: {} });
  });

  test("refuses an answer that is longer than what is left [U-3]", async () => {
    const { traffic, ask } = await live(20_000);
    traffic.noteSent(75_000);

    expect(await ask("record.get", { record: "a" })).toMatchObject({ err: "rate_limited" });
  });

  test("writes, and beats, and leaves, whatever is used [U-4]", async () => {
    const { traffic, clock, link, linked, ask } = await live();
    traffic.noteSent(2 * LIMIT);
    const beats = link.heartbeatCount;
    const written = await ask("record.set", {});
    link.says({ t: "outcome", ids: ["0".repeat(32)] });
    clock.advance(60_000);
    await turns();
    linked.client.stop();

    expect(written).toMatchObject({ ok: { outcome: "applied" } });
    expect(link.of("outcomes")).toHaveLength(1);
    expect(link.heartbeatCount).toBeGreaterThan(beats);
    expect(link.of("drain")).toHaveLength(1);
  });

  test("tells a new worker what it can reach, and a change when there is room again [U-4] [U-5]", async () => {
    const { clock, link, linked, liveFor } = await live(10, LIMIT);
    linked.client.inventoryChanged();
    liveFor(80_000);
    const held = link.of("inventory").length;
    clock.stepWall(HOUR_MS);
    liveFor(60_000);

    expect(held).toBe(1);
    expect(link.of("inventory")).toHaveLength(2);
  });

  test("keeps last known values back while no samples go, and tells them later [U-5]", async () => {
    const { clock, link, known, liveFor } = await live(10, 75_000);
    const sample = { ...SAMPLE, value: 1, missed: 0, bytes: 9 };
    known.instances = [{ name: "boiler", readings: [{ recordKey: "a", loss: "counted", sample }] }];
    liveFor(70_000);
    const held = link.of("last_known").length;
    clock.stepWall(HOUR_MS);
    liveFor(60_000);

    expect(held).toBe(0);
    expect(link.of("last_known")).toHaveLength(1);
  });
});
