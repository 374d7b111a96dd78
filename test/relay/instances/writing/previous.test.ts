/** What a write says the record held before. */
import { describe, expect, test } from "vitest";
import { beginWriting } from "../../support/device/begun-writing.ts";
import { VERSIONS } from "../../support/host-side/host.ts";
import { until } from "../../support/until.ts";

describe.each(VERSIONS)("a write to an AimX %s host that is applied", (aimx) => {
  test("says what the record held, each of the one before [J-14]", async () => {
    const begun = await beginWriting(aimx);

    const writes = [11, 12].map((n) => begun.write("a", { n }));

    expect(await Promise.all(writes)).toMatchObject([
      { outcome: "applied", previous: { value: { n: 10 } } },
      { outcome: "applied", previous: { value: { n: 11 } } },
    ]);
  });

  test("says how old that was, where it was seen to arrive [J-14]", async () => {
    const begun = await beginWriting(aimx);
    begun.host.produce("log", { n: 1 });
    await until("the sample", () => begun.values("log").length === 1);
    begun.clock.advance(3_000);

    const { previous } = Object(await begun.write("log", { n: 2 }));

    expect(previous).toMatchObject({ value: { n: 1 }, time_source: expect.any(String) });
    expect(previous.age_ms).toBeGreaterThanOrEqual(3_000);
  });

  test("says nothing of a mailbox, of a record that held nothing, or of a long value [J-14]", async () => {
    const begun = await beginWriting(aimx);
    const { previous: ofMailbox } = Object(await begun.write("command", { n: 1 }));
    const { previous: ofNothing } = Object(await begun.write("any", { text: "x".repeat(2_000) }));
    await until("the sample", () => begun.values("any").length === 1);
    const { previous: ofLong } = Object(await begun.write("any", { text: "" }));

    expect([ofMailbox, ofNothing, ofLong]).toEqual([undefined, undefined, undefined]);
  });
});
