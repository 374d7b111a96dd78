/** A read that begins where its reader says: an answer may be lost where nobody but its reader notices. */
import { describe, expect, test } from "vitest";
import { IDLE_END_MS } from "#shared/desk/subscription-desk.ts";
import { Counter, FOREIGN, OWN, START_MS, UNKNOWN } from "./support/counter.ts";
import { readResult, sample } from "../../support/link/link-samples.ts";

const INVALID = { ok: false, error: { code: "invalid_input" } };

/** The answer that ends at a sequence, with the sample that is there. */
function upTo(sequence: number, more = false) {
  return readResult({ cursor: { epoch: "e.0", sequence }, samples: [sample({ sequence })], more });
}

async function counterAfter(answers: Counter["answers"], maxEvents?: number) {
  const counter = new Counter();
  const id = await counter.openId(maxEvents === undefined ? {} : { maxEvents });
  counter.answers = answers;
  return { counter, id };
}

describe("a position", () => {
  test("of an answer before has the relay asked for what came behind it, again", async () => {
    const { counter, id } = await counterAfter([upTo(2), upTo(4), upTo(4), upTo(5)], 9);
    const first = await counter.read(id);
    const { next } = first.ok ? first.value : { next: "" };
    await counter.readAfter(id, next);

    const again = await counter.readAfter(id, next);
    await counter.read(id);

    expect(again).toMatchObject({ ok: true, value: { samples: [{ sequence: 4 }] } });
    expect(counter.asked.slice(2).map(({ params }) => params)).toMatchObject([
      { after: { epoch: "e.0", sequence: 2 }, max_samples: 8 },
      { after: { epoch: "e.0", sequence: 2 }, max_samples: 8 },
      { after: { epoch: "e.0", sequence: 4 }, max_samples: 7 },
    ]);
  });

  test.each(["junk", "3..e.0"])("%j, which it never gave, is refused", async (position) => {
    const { counter, id } = await counterAfter([upTo(2)]);
    await counter.read(id);

    expect(await counter.readAfter(id, position)).toMatchObject(INVALID);
    expect(counter.asked).toHaveLength(2);
  });

  test("says nothing of another principal's subscription", async () => {
    const { counter, id } = await counterAfter([]);

    expect(await counter.readAfter(id, "junk", FOREIGN)).toMatchObject(UNKNOWN);
  });

  test("brings nothing back of one that is idle for ten minutes", async () => {
    const { counter, id } = await counterAfter([upTo(1)], 1);
    await counter.read(id);
    counter.nowMs += IDLE_END_MS + 1;

    expect(await counter.readAfter(id, "0..e.0")).toMatchObject(UNKNOWN);
  });
});

describe("of a subscription that has ended, a position", () => {
  test("gives its last answer again, and nothing that came later", async () => {
    const { counter, id } = await counterAfter([upTo(2)], 1);
    await counter.read(id);
    counter.nowMs = START_MS + 3_000;
    const samples = [2, 3].map((sequence) => sample({ sequence }));
    counter.answers = [readResult({ samples, cursor: { epoch: "e.0", sequence: 3 }, more: true })];

    expect(await counter.readAfter(id, "0.1.e.0")).toMatchObject({
      ok: true,
      value: { samples: [{ sequence: 2 }], complete: true },
    });
    expect(counter.asked.at(-1)).toMatchObject({ params: { wait_ms: 0, until_in_ms: -3_000 } });
    expect(await counter.read(id)).toMatchObject(UNKNOWN);
  });

  test("gives it in parts where it does not fit", async () => {
    const { counter, id } = await counterAfter([upTo(4)], 1);
    await counter.read(id);
    counter.answers = [upTo(3, true), upTo(4, true)];

    const part = await counter.readAfter(id, "0.1.e.0");
    const rest = await counter.readAfter(id, part.ok ? part.value.next : "");

    expect(part).toMatchObject({ ok: true, value: { complete: false } });
    expect(rest).toMatchObject({ ok: true, value: { complete: true } });
    expect(counter.asked.at(-1)).toMatchObject({ params: { after: { sequence: 3 } } });
  });

  test("gives again what had come before it was cancelled", async () => {
    const { counter, id } = await counterAfter([upTo(2)]);
    await counter.read(id);
    counter.desk.end(OWN, id);
    counter.answers = [upTo(2)];

    expect(await counter.readAfter(id, "0..e.0")).toMatchObject({
      ok: true,
      value: { samples: [{ sequence: 2 }], complete: true },
    });
  });

  test("tells what a relay that was started anew can't give again", async () => {
    const { counter, id } = await counterAfter([upTo(2)], 1);
    await counter.read(id);
    const gaps = [{ reason: "relay_restarted" as const, missed: null }];
    counter.answers = [readResult({ gaps, cursor: { epoch: "f.0", sequence: 0 } })];

    expect(await counter.readAfter(id, "0.1.e.0")).toMatchObject({
      ok: true,
      value: { samples: [], gaps, complete: true },
    });
  });
});
