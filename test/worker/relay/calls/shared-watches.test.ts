import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import type { PendingEnd } from "../../../../worker/relay/link/pending.ts";
import {
  SharedWatches,
  type WatchQuestion,
} from "../../../../worker/relay/calls/shared-watches.ts";
import { readResult, sample } from "../../../support/link/link-samples.ts";

const at = (sequence: number) => ({ epoch: "p.0", sequence });

function question(sequence: number, change: Partial<WatchQuestion> = {}): WatchQuestion {
  return {
    session: "s1",
    instance: "plant",
    principal: "ann",
    key: "a",
    places: new Map([["a", at(sequence)]]),
    endsAtMs: 25_000,
    ...change,
  };
}

function reply(ok: JsonValue): PendingEnd {
  return { type: "reply", reply: { t: "reply", id: "1".repeat(32), instance: "plant", ok } };
}

function answer(...sequences: number[]): PendingEnd {
  const samples = sequences.map((sequence) => sample(at(sequence)));
  const ok = readResult({ samples, cursor: at(sequences.at(-1) ?? 0) });
  return reply({ entries: [{ record: "a", ok }], more: false });
}

/** The device has heard of both. */
async function following(nowMs: () => number = () => 0) {
  const watches = new SharedWatches(nowMs);
  for (const principal of ["ann", "bob"]) {
    const asking = { send: async () => reply({ entries: [], more: false }), drop: () => {} };
    await watches.ask(question(0, { principal }), asking).end;
  }
  return watches;
}

function begin(watches: SharedWatches, asked: WatchQuestion) {
  let settle: (end: PendingEnd) => void = () => {};
  const send = () => new Promise<PendingEnd>((resolve) => (settle = resolve));
  const asking = watches.ask(asked, { send, drop: (why) => settle(why) });
  return { ...asking, settle: (given: PendingEnd) => settle(given) };
}

const BOB = { principal: "bob" };

describe("a reader of what another reads", () => {
  test("gets the answer that the other waits for [S-9]", async () => {
    const watches = await following();
    const asked = begin(watches, question(5));
    const heard = watches.hear(question(5, BOB));
    asked.settle(answer(6));

    expect(await heard?.end).toEqual(answer(6));
    expect(await asked.end).toEqual(answer(6));
  });

  test("gets a refusal or silence as the other does", async () => {
    const watches = await following();
    const ends: PendingEnd[] = [
      reply({ entries: [], more: false }),
      { type: "reply", reply: { t: "reply", id: "1", instance: "plant", err: "instance_slow" } },
      { type: "lost" },
      { type: "deadline" },
    ];
    for (const end of ends) {
      const asked = begin(watches, question(5));
      const heard = watches.hear(question(5, BOB));
      asked.settle(end);

      expect(await heard?.end).toEqual(end);
    }
  });

  test("gets the part of it after their own position", async () => {
    const watches = await following();
    const asked = begin(watches, question(5));
    const heard = watches.hear(question(7, BOB));
    asked.settle(answer(6, 7, 8));

    expect(await heard?.end).toEqual(answer(8));
  });

  test("is told if it has nothing for them", async () => {
    const watches = await following();
    const asked = begin(watches, question(5));
    const heard = watches.hear(question(7, BOB));
    asked.settle(answer(6, 7));

    expect(await heard?.end).toBeUndefined();
  });

  test("catches up with answers that have just come, one after the other", async () => {
    const watches = await following();
    await begun(watches, 5, answer(6));
    await begun(watches, 6, answer(7, 8));

    expect(await watches.hear(question(5, BOB))?.end).toEqual(answer(6));
    expect(await watches.hear(question(6, BOB))?.end).toEqual(answer(7, 8));
    expect(watches.hear(question(8, BOB))).toBeUndefined();
  });

  test("asks if what followed their position came too long ago", async () => {
    let nowMs = 0;
    const watches = await following(() => nowMs);
    await begun(watches, 5, answer(6));
    nowMs = 5_001;

    expect(watches.hear(question(5, BOB))).toBeUndefined();
  });

  test("asks if too much has come since", async () => {
    const watches = await following();
    for (let n = 0; n <= 32; n += 1) await begun(watches, n, answer(n + 1));

    expect(watches.hear(question(0, BOB))).toBeUndefined();
    expect(await watches.hear(question(1, BOB))?.end).toEqual(answer(2));
  });

  test.each([
    { name: "stands before it", asked: question(4, BOB) },
    { name: "follows others", asked: question(5, { ...BOB, key: "b" }) },
    { name: "follows another instance", asked: question(5, { ...BOB, instance: "other" }) },
    { name: "comes on another link", asked: question(5, { ...BOB, session: "s2" }) },
    { name: "does not wait as long", asked: question(5, { ...BOB, endsAtMs: 24_999 }) },
  ])("asks where they are one who $name", async ({ asked }) => {
    const watches = await following();
    const other = begin(watches, question(5));

    expect(watches.hear(asked)).toBeUndefined();
    other.settle({ type: "lost" });
    await other.end;
  });
});

test("each asks in their own name once a minute, whatever there is to share [S-10]", async () => {
  let nowMs = 0;
  const watches = await following(() => nowMs);
  const other = begin(watches, question(5));

  nowMs = 59_999;
  expect(watches.hear(question(5, BOB))).toBeDefined();
  expect(watches.hear(question(5, { principal: "eve" }))).toBeUndefined();
  nowMs = 60_000;
  expect(watches.hear(question(5, BOB))).toBeUndefined();

  other.settle({ type: "lost" });
  await other.end;
});

describe("rights that change", () => {
  test("for a reader that shares the answer end it for that one alone", async () => {
    const watches = await following();
    const asked = begin(watches, question(5));
    const [mine, theirs] = [watches.hear(question(5)), watches.hear(question(5, BOB))];
    theirs?.drop({ type: "outdated" });
    asked.settle(answer(6));

    expect(await theirs?.end).toEqual({ type: "outdated" });
    expect(await mine?.end).toEqual(answer(6));
  });

  test("for the reader that asked leave it to the others to ask", async () => {
    const watches = await following();
    const asked = begin(watches, question(5));
    const heard = watches.hear(question(5, BOB));
    asked.drop({ type: "outdated" });

    expect(await asked.end).toEqual({ type: "outdated" });
    expect(await heard?.end).toBeUndefined();
    expect(watches.hear(question(5, BOB))).toBeUndefined();
  });
});

describe("a reader that goes", () => {
  const GONE = { type: "cancelled" } as const;

  test("leaves its question to those who share it, and to those who come to share it", async () => {
    const watches = await following();
    const asked = begin(watches, question(5));
    const heard = watches.hear(question(5, BOB));
    asked.drop(GONE);
    const later = watches.hear(question(5));
    asked.settle(answer(6));

    expect(await asked.end).toEqual(GONE);
    expect([await heard?.end, await later?.end]).toEqual([answer(6), answer(6)]);
  });

  test("leaves it to the one that asked", async () => {
    const watches = await following();
    const asked = begin(watches, question(5));
    const heard = watches.hear(question(5, BOB));
    heard?.drop(GONE);
    asked.settle(answer(6));

    expect(await heard?.end).toEqual(GONE);
    expect(await asked.end).toEqual(answer(6));
  });

  test.each([[[0, 1]], [[1, 0]]])("ends it as the last, in the order %j", async (order) => {
    const watches = await following();
    const dropped: string[] = [];
    const asking = {
      send: () => new Promise<PendingEnd>(() => {}),
      drop: ({ type }: PendingEnd) => void dropped.push(type),
    };
    const waiting = [watches.ask(question(5), asking), watches.hear(question(5, BOB))];
    const [first, last] = order.map((n) => waiting[n]);

    first?.drop(GONE);
    expect(dropped).toEqual([]);
    last?.drop(GONE);
    expect(dropped).toEqual(["cancelled"]);
  });
});

function begun(watches: SharedWatches, sequence: number, end: PendingEnd): Promise<PendingEnd> {
  return watches.ask(question(sequence), { send: async () => end, drop: () => {} }).end;
}
