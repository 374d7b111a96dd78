/** A line that carries little: what is short is not held up, and nothing is cut off at the end. */
import { describe, expect, test } from "vitest";
import { WORKER_FEATURES } from "#shared/link/features.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import type { Inventory } from "#shared/link/inventory.ts";
import { PartsIn } from "#shared/link/parts.ts";
import { LinkedClient } from "../support/worker-side/linked-client.ts";
import { requestOf } from "../support/worker-side/link-request.ts";
import type { ScriptedLink } from "../support/worker-side/scripted-dial.ts";
import { turns, until } from "../support/until.ts";

const RECORDS = Array.from({ length: 2_000 }, (_, n) => ({
  key: `plant.record.${n}`,
  type_name: "T",
}));
const INVENTORY: Inventory = {
  t: "inventory",
  confirm_writes: "always",
  instances: [
    {
      name: "plant",
      socket_path: "/run/plant.sock",
      state: "up",
      record_count: 2_000,
      writable_count: 0,
      records: RECORDS,
    },
  ],
  skipped: [],
};

async function live(features = [...WORKER_FEATURES]) {
  const linked = new LinkedClient({ inventory: () => INVENTORY });
  linked.client.start();
  const link = await linked.dial(1);
  link.opens();
  const heartbeat_interval_ms = 10_000;
  link.says({ t: "welcome", version: 1, session: "s", heartbeat_interval_ms, features });
  return { linked, link };
}

/** Everything sent until now arrives, in a second. */
function carry(
  { linked, link }: { linked: LinkedClient; link: ScriptedLink },
  from: number,
): number {
  const messages = link.sent.slice(from);
  linked.clock.advance(1_000);
  for (const message of messages) if (message === HEARTBEAT_REQUEST) link.says(HEARTBEAT_RESPONSE);
  return from + messages.length;
}

function framesIn({ sent }: ScriptedLink): string[] {
  const into = new PartsIn();
  return sent.flatMap((message) => {
    const arrived = into.take(message);
    return arrived.ok && arrived.value.type === "frame" ? [arrived.value.text] : [];
  });
}

describe("LinkClient with an inventory that its line takes long for", () => {
  test("answers a call and its heartbeats meanwhile [P-6]", async () => {
    const bed = await live();
    bed.link.says(requestOf());
    await until("the call", () => bed.linked.instance.heldCount === 1);
    bed.linked.instance.release();
    let taken = 0;
    for (let second = 0; second < 3; second += 1) {
      await turns();
      taken = carry(bed, taken);
    }

    expect(bed.link.sent.some((message) => message.startsWith('{"t":"reply"'))).toBe(true);
    expect(framesIn(bed.link)).toEqual([]);
  });

  test("brings it whole, and stays up", async () => {
    const bed = await live();
    let taken = 0;
    for (let second = 0; second < 60; second += 1) taken = carry(bed, taken);

    expect(framesIn(bed.link).map((text) => JSON.parse(text))).toEqual([INVENTORY]);
    expect(bed.linked.worker.links).toHaveLength(1);
  });

  test("says that the line is narrow", async () => {
    const bed = await live();
    const before = bed.linked.client.status().narrow_per_s;
    let taken = 0;
    for (let second = 0; second < 6; second += 1) taken = carry(bed, taken);

    expect(before).toBeNull();
    expect(bed.linked.client.status().narrow_per_s).toBeGreaterThan(1_000);
  });

  test("sends it in one message to a worker that takes no parts [H-12]", async () => {
    const bed = await live([]);
    carry(bed, 0);

    expect(bed.link.sent).toContain(JSON.stringify(INVENTORY));
  });

  test("closes when all has arrived that it had to say, told to stop [L-4]", async () => {
    const bed = await live();
    bed.linked.client.stop();
    bed.link.says({ t: "drained" });
    let taken = carry(bed, 0);
    const early = bed.link.closes.length;
    for (let second = 0; second < 25; second += 1) taken = carry(bed, taken);

    expect(early).toBe(0);
    expect(framesIn(bed.link)).toHaveLength(1);
    expect(bed.link.closes).toHaveLength(1);
  });
});
