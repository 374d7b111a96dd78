import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { adviceForNone, selectInstances, selectOneInstance } from "#shared/mcp/asking/targets.ts";
import { fakeInstance, instanceRow, recordRow } from "../support/builders.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

const KEY = "sensor.temp";

const instances = [
  fakeInstance("gw-1/plant"),
  fakeInstance("gw-1/line", ["other"]),
  fakeInstance("gw-2/plant", ["other"], {
    row: instanceRow("gw-2/plant", { socket_path: "/run/plant.sock" }),
  }),
];
const fleet = new FakeFleet(instances);

async function select(selector: object) {
  const selected = await selectInstances(fleet, selector);
  return selected.ok ? selected.value : selected.error;
}

describe("selectInstances()", () => {
  test("takes a full id as it is, without asking the fleet", async () => {
    const unasked = new FakeFleet();
    const selected = await selectInstances(unasked, { instance: "gw-9/none", record: KEY });

    expect(selected).toEqual({ ok: true, value: ["gw-9/none"] });
    expect(unasked.asked).toEqual([]);
  });

  test.each([
    { by: "a bare name", selector: { instance: "line" }, selected: ["gw-1/line"] },
    {
      by: "a bare name of two",
      selector: { instance: "plant" },
      selected: ["gw-1/plant", "gw-2/plant"],
    },
    { by: "a glob", selector: { instance: "gw-1/*" }, selected: ["gw-1/plant", "gw-1/line"] },
    { by: "a glob of one", selector: { instance: "*/li?e" }, selected: ["gw-1/line"] },
    { by: "a socket path", selector: { socket: "/run/plant.sock" }, selected: ["gw-2/plant"] },
    {
      by: "an id beside a socket path",
      selector: { instance: "gw-1/line", socket: "/run/plant.sock" },
      selected: ["gw-1/line"],
    },
    { by: "a record", selector: { record: KEY }, selected: ["gw-1/plant"] },
    { by: "a type", selector: { record: "server::Temperature" }, selected: ALL() },
    { by: "nothing", selector: {}, selected: ALL() },
  ])("selects by $by", async ({ selector, selected }) => {
    expect(await select(selector)).toEqual(selected);
  });

  test.each([
    { by: "a name", selector: { instance: "plnt" }, nearest: ["gw-1/plant", "gw-2/plant"] },
    { by: "a glob", selector: { instance: "gw-3/*" }, nearest: [] },
    { by: "half an id", selector: { instance: "gw-1/" }, nearest: ["gw-1/line", "gw-1/plant"] },
    { by: "a relay's id", selector: { instance: "gw-1" }, nearest: ["gw-1/plant", "gw-1/line"] },
    { by: "a socket path", selector: { socket: "/run/plnt.sock" }, nearest: ["gw-2/plant"] },
  ])("names what is nearest where nothing has $by", async ({ selector, nearest }) => {
    const refusal = await select(selector);

    expect(refusal).toMatchObject({
      code: "unknown_instance",
      message: expect.stringContaining("discover_instances"),
      details: { nearest: expect.arrayContaining(nearest) },
    });
    expect(refusal).toMatchObject({ message: expect.stringContaining(nearest.join(", ")) });
  });

  test("takes no socket path for a name that two hosts have", async () => {
    const twins = ["a/plant", "b/plant"].map((id) => fakeInstance(id));

    const selected = await selectInstances(new FakeFleet(twins), { socket: "/tmp/plant.sock" });

    expect(selected).toMatchObject({
      ok: false,
      error: { code: "ambiguous_instance", details: { candidates: ["a/plant", "b/plant"] } },
    });
  });

  test("says that no instance has a record, and where to look", async () => {
    expect(await select({ record: "none" })).toMatchObject({
      code: "unknown_record",
      message: expect.stringContaining(
        "None of the 3 instances has this record. Call list_records.",
      ),
    });
  });

  test.each([
    { by: "its key", record: "sensor.tmp", nearest: ["sensor.temp"] },
    { by: "its type", record: "host::Temperature", nearest: ["sensor.temp", "other"] },
  ])("names what is nearest to a record that no instance has, by $by", async (asked) => {
    const { record, nearest } = asked;
    expect(await select({ record })).toMatchObject({
      code: "unknown_record",
      message: expect.stringContaining(`Nearest: ${nearest.join(", ")}.`),
      details: { nearest },
    });
  });

  test("lets an only instance say itself that it does not have a record", async () => {
    const single = new FakeFleet([fakeInstance("gw-1/plant")]);

    const selected = await selectInstances(single, { record: "none" });

    expect(selected).toEqual({ ok: true, value: ["gw-1/plant"] });
  });

  test("asks an instance whose records are not known", async () => {
    const large = fakeInstance("gw-3/large", [], {
      row: instanceRow("gw-3/large", { hasRecord: null }),
      records: [recordRow("hidden")],
    });

    const selected = await selectInstances(new FakeFleet([...instances, large]), { record: KEY });

    expect(selected).toEqual({ ok: true, value: ["gw-1/plant", "gw-3/large"] });
  });

  test("has nothing to select from without instances, and says what to do", async () => {
    const selected = await selectInstances(new FakeFleet(), { record: KEY });

    expect(selected).toMatchObject({
      ok: false,
      error: { code: "no_instances", message: expect.stringContaining("aimdb-relay enroll") },
    });
  });
});

function ALL(): string[] {
  return ["gw-1/plant", "gw-1/line", "gw-2/plant"];
}

describe("selectOneInstance()", () => {
  test.each([
    { selector: { instance: "gw-1/plant" }, one: "gw-1/plant" },
    { selector: { record: KEY }, one: "gw-1/plant" },
    { selector: { instance: "line" }, one: "gw-1/line" },
    { selector: { instance: "gw-2/*" }, one: "gw-2/plant" },
  ])("finds the one of $selector", async ({ selector, one }) => {
    expect(await selectOneInstance(fleet, selector)).toEqual({ ok: true, value: one });
  });

  test.each([
    { selector: { instance: "plant" }, candidates: ["gw-1/plant", "gw-2/plant"] },
    { selector: { record: "other" }, candidates: ["gw-1/line", "gw-2/plant"] },
    { selector: {}, candidates: ALL() },
  ])("names the candidates of $selector", async ({ selector, candidates }) => {
    expect(await selectOneInstance(fleet, selector)).toMatchObject({
      ok: false,
      error: {
        code: "ambiguous_instance",
        message: expect.stringContaining(candidates.join(", ")),
        details: { candidates },
      },
    });
  });

  test("names the first twenty of many candidates", async () => {
    const many = new FakeFleet(Array.from({ length: 50 }, (_, i) => fakeInstance(`gw-${i}/plant`)));

    const selected = await selectOneInstance(many, { instance: "plant" });

    expect(selected.ok || selected.error.details?.candidates).toHaveLength(20);
  });
});

describe("adviceForNone()", () => {
  const none = { instances: [], skipped: [], failed: [], relayCount: 1 };

  test.each([
    { overview: { ...none, relayCount: 0 }, advice: "No relay is enrolled" },
    { overview: none, advice: "Start AimDB with remote access" },
    {
      overview: { ...none, failed: [{ relay: "a", failure: failure("deadline_exceeded", "x") }] },
      advice: "did not answer in time",
    },
    {
      overview: { ...none, skipped: [{ relay: "a", reason: "Not AimX." }] },
      advice: "skipped them: Not AimX.",
    },
  ])("says: $advice", ({ overview, advice }) => {
    expect(adviceForNone(overview)).toContain(advice);
  });

  test("shows three reasons of a device, each once, short and without hidden characters", () => {
    const reasons = ["a", "a", "\u202eb", "c".repeat(5_000), "fourth"];
    const skipped = reasons.map((reason) => ({ relay: "gw", reason }));

    const advice = adviceForNone({ ...none, skipped });

    expect(advice).toContain("a \\u{202e}b ccc");
    expect(advice).not.toContain("fourth");
    expect(advice.length).toBeLessThan(700);
  });
});
