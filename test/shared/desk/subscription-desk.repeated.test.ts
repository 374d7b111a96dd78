/** A read of a subscription that is asked again, because its answer was lost. */
import { describe, expect, test } from "vitest";
import { readResult, sample } from "../../support/link/link-samples.ts";
import { answered } from "./support/played-relay.ts";
import { Counter, held, OWN, UNKNOWN } from "./support/counter.ts";

describe("a read", () => {
  test("that is asked again, its answer lost, begins where it began", async () => {
    const counter = new Counter();
    const id = await counter.openId({ maxEvents: 5 });
    const first = readResult({ cursor: { epoch: "e.0", sequence: 2 }, samples: [sample()] });
    counter.answers = [first, first];
    await counter.read(id, OWN, "r");

    const again = await counter.read(id, OWN, "r");
    await counter.read(id, OWN, "next");

    expect(again).toMatchObject({ ok: true, value: { samples: [sample()], complete: false } });
    expect(counter.asked.slice(1).map(({ params }) => params)).toMatchObject([
      { after: { epoch: "e.0", sequence: 0 }, max_samples: 5 },
      { after: { epoch: "e.0", sequence: 0 }, max_samples: 5 },
      { after: { epoch: "e.0", sequence: 2 }, max_samples: 4 },
    ]);
  });

  test("that was the last is given again where its answer was lost", async () => {
    const counter = new Counter();
    const id = await counter.openId({ maxEvents: 1 });
    counter.answers = [readResult({ samples: [sample()] }), readResult({ samples: [sample()] })];
    await counter.read(id, OWN, "r");

    expect(await counter.read(id, OWN, "r")).toMatchObject({
      ok: true,
      value: { samples: [sample()], complete: true },
    });
    expect(await counter.read(id, OWN, "next")).toMatchObject(UNKNOWN);
  });

  test("that is asked again while it is under way gets the same answer", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    const { answer, give } = held();
    counter.answers = [answer];

    const first = counter.read(id, OWN, "r");
    const second = counter.read(id, OWN, "r");
    give(answered(readResult({ samples: [sample()] })));

    expect(await second).toEqual(await first);
    expect(counter.asked).toHaveLength(2);
  });

  test.each(["before", "during"])(
    "that is asked again finds nothing if the subscription was cancelled %s it",
    async (when) => {
      const counter = new Counter();
      const id = await counter.openId();
      const { answer, give } = held();
      counter.answers = [answer];
      const reading = counter.read(id, OWN, "r");
      if (when === "during") counter.desk.end(OWN, id);
      give(answered(readResult({ samples: [sample()] })));
      await reading;
      if (when === "before") counter.desk.end(OWN, id);

      expect(await counter.read(id, OWN, "r")).toMatchObject(UNKNOWN);
    },
  );
});
