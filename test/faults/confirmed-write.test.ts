/** A person says yes to a write, and the link is gone before it is sent. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { CONFIRMED_WRITES, FaultBed, INSTANCE } from "./fault-bed.ts";
import { EACH } from "./rounds.ts";

const NOTICED_WITHIN_MS = 2_000;
/** Of what a worker knows, and a host's application prints. */
const TOLD_WITHIN_MS = 5_000;

const host = inject("realHosts").find(({ protocol }) => protocol === "3.0");

interface Line {
  readonly outcome: string | null;
}

describe.skipIf(host?.binary === undefined)("a write that a person confirmed", EACH, () => {
  let bed: FaultBed;
  let asked = 0;

  beforeAll(async () => {
    bed = await FaultBed.open({ binary: host?.binary ?? "", protocol: "3.0" });
    await bed.ask("PUT", "write-policy", CONFIRMED_WRITES);
  });
  afterAll(() => bed.close());

  /** What the team's log says of writes, from the newest. */
  async function logged(): Promise<Line[]> {
    const answer = await bed.ask("GET", "activity?action=record.set");
    const { activity } = (await answer.json()) as { activity: Line[] };
    return activity;
  }

  async function isAway(): Promise<true | undefined> {
    const answer = await bed.ask("GET", "relays");
    const { relays } = (await answer.json()) as { relays: { connected: boolean }[] };
    return relays.every(({ connected }) => !connected) || undefined;
  }

  test("is made once if the link breaks before it is sent, and is soon back", async () => {
    asked += 1;
    const value = { op: "confirmed", n: asked };
    const before = (await logged()).length;
    const taken = () => bed.host.commandsTaken().filter((text) => text.includes("confirmed"));
    const client = await bed.connectConfirming(async () => {
      bed.proxy.become({ type: "stalled" });
      bed.proxy.cut();
      return (await waitFor(NOTICED_WITHIN_MS, isAway)) ?? false;
    });

    const written = client.call("set_record", {
      instance: INSTANCE,
      record_name: "device.command",
      value,
    });
    const lines = await waitFor(TOLD_WITHIN_MS, async () => {
      const now = await logged();
      return now.length > before ? now : undefined;
    });
    const takenBefore = taken().length;
    bed.proxy.become({ type: "fair" });
    const { json } = await written;
    await client.close();

    expect(json).toMatchObject({ outcome: "applied" });
    expect(lines?.[0]).toMatchObject({ outcome: null });
    expect(takenBefore).toBe(asked - 1);
    await waitFor(TOLD_WITHIN_MS, async () => taken().length >= asked || undefined);
    await waitFor(500, async () => undefined);
    expect(taken()).toHaveLength(asked);
  });
});
