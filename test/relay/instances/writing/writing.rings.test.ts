/** Writes to a ring of a host that has no way to read it: what the one before left there is what it holds. */
import { describe, expect, test } from "vitest";
import { beginWriting, setsOf } from "../../support/device/begun-writing.ts";
import { until } from "../../support/until.ts";

const BOUNDED = { writableRecords: [{ record: "log", fields: { n: { max_change: 1 } } }] };

/** Has told 0. */
async function begin(aimx: "2.0" | "3.0", config = {}) {
  const begun = await beginWriting(aimx, config);
  begun.host.produce("log", { n: 0 });
  await until("the sample", () => begun.values("log").length === 1);
  return begun;
}

describe.each(["2.0", "3.0"] as const)("a write to a ring of an AimX %s host", (aimx) => {
  test("is held to the change from the one before, whose event is on its way still", async () => {
    const begun = await begin(aimx, BOUNDED);

    const writes = [1, -1, 2].map((n) => begun.write("log", { n }));

    expect(await Promise.all(writes)).toMatchObject([
      { outcome: "applied" },
      { outcome: "refused", code: "refused_by_device" },
      { outcome: "applied" },
    ]);
    expect(setsOf(begun)).toBe(2);
  });

  test("finds what is expected once, where two expect the same [J-13]", async () => {
    const begun = await begin(aimx);

    const writes = [1, 2].map((n) => begun.write("log", { n }, { expected: { n: 0 } }));

    expect(await Promise.all(writes)).toMatchObject([
      { outcome: "applied" },
      { outcome: "refused", code: "conflict" },
    ]);
  });

  test("is compared with what the host produced since the one before", async () => {
    const begun = await begin(aimx, BOUNDED);
    await begun.write("log", { n: 1 });
    begun.host.produce("log", { n: 5 });
    await until("both samples", () => begun.values("log").length === 3);

    expect(await begun.write("log", { n: 2 })).toMatchObject({ code: "refused_by_device" });
    expect(await begun.write("log", { n: 6 })).toMatchObject({ outcome: "applied" });
  });
});
