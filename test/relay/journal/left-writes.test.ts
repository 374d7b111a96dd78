import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { MemoryJournal } from "../../../relay/journal/memory-journal.ts";
import { settleLeftWrites } from "../../../relay/journal/left-writes.ts";
import { latest, mailbox, startHost, VERSIONS } from "../support/host-side/host.ts";
import { runInstance } from "../support/host-side/running-instance.ts";

const ID = "1".repeat(32);
const TEMP = { struct: { celsius: "f32" } } as const;

describe.each(VERSIONS)("a write that an AimX %s relay left", (aimx) => {
  async function settled(record: string, value: JsonValue | undefined, instanceName = "boiler") {
    const records = [
      latest("a", { initial: { n: 1 } }),
      latest("temp", { shape: TEMP, initial: { celsius: 21.7 } }),
      latest("empty"),
      mailbox("command"),
    ];
    const { instance } = await runInstance(await startHost({ aimx, records }));
    const journal = new MemoryJournal();
    await journal.begin({ id: ID, instance: "boiler", record, value: null });
    const find = (name: string) => (name === instanceName ? instance : undefined);

    await settleLeftWrites([{ id: ID, instance: "boiler", record, value }], { journal, find });

    const entry = journal.find(ID);
    if (entry?.state !== "ended") throw new Error("It was not settled");
    return entry.outcome;
  }

  test.each<[string, JsonValue, boolean]>([
    ["a", { n: 1 }, true],
    ["a", { n: 2 }, false],
    ["temp", { celsius: 21.7 }, true],
  ])("is unknown, with whether %s holds %j: %s [J-6]", async (record, value, is) => {
    expect(await settled(record, value)).toMatchObject({
      outcome: "unknown",
      now_equals_requested: is,
      message: expect.stringContaining("read the record before writing again"),
    });
  });

  test.each<[string, string, JsonValue | undefined, string]>([
    ["whose record holds nothing", "empty", { n: 1 }, "boiler"],
    ["whose record is gone", "gone", { n: 1 }, "boiler"],
    ["whose instance is gone", "a", { n: 1 }, "tank"],
    ["whose value was not kept", "a", undefined, "boiler"],
  ])("%s is unknown without evidence [J-6]", async (_name, record, value, instance) => {
    expect(await settled(record, value, instance)).toMatchObject({
      outcome: "unknown",
      now_equals_requested: "unreadable",
    });
  });
});
