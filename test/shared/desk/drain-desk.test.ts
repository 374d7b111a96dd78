import { describe, expect, test } from "vitest";
import { DRAIN_KEPT_MS, DrainDesk, OLDEST, type Drain } from "#shared/desk/drain-desk.ts";
import { MemoryDeskRows } from "#shared/desk/memory-desk-rows.ts";
import { failure } from "#shared/failure.ts";
import type { MethodResult } from "#shared/link/method.ts";
import { err, ok } from "#shared/result.ts";
import { readResult, sample } from "../../support/link/link-samples.ts";
import {
  answered,
  PlayedRelay,
  SESSION_STARTED_AT_MS,
  type Answer,
} from "./support/played-relay.ts";

/** A desk over a relay that answers from a list. */
class Counter extends PlayedRelay {
  readonly rows = new MemoryDeskRows();
  nowMs = DRAIN_KEPT_MS;
  readonly desk = new DrainDesk({ rows: this.rows, nowMs: () => this.nowMs });

  drain(change: Partial<Drain> = {}) {
    const request = { principal: "own", instance: "plant", record: "sensor.temp" };
    return this.desk.drain(this.ask, { ...request, maxSamples: 50, maxBytes: 9_000, ...change });
  }

  get params(): unknown[] {
    return this.asked.map(({ params }) => params);
  }
}

function upTo(sequence: number): MethodResult<"samples.read"> {
  return readResult({ samples: [sample({ sequence })], cursor: { epoch: "e.0", sequence } });
}

describe("the first drain of a record", () => {
  test("gives what the relay kept, from the oldest on", async () => {
    const counter = new Counter();
    const read = readResult({
      samples: [sample({ sequence: 3 }), sample({ sequence: 4 })],
      gaps: [{ reason: "not_kept", missed: 2 }],
      more: true,
    });
    counter.answers = [readResult(), read];

    const { samples, gaps } = read;
    expect(await counter.drain()).toEqual(
      ok({
        from: "samples",
        recordKey: "sensor.temp",
        loss: "counted",
        samples,
        gaps,
        next: "0..e.0",
        more: true,
        isFirst: true,
        sessionStartedAtMs: SESSION_STARTED_AT_MS,
      }),
    );
    expect(counter.params).toEqual([
      { record: "sensor.temp", wait_ms: 0, max_samples: 0, max_bytes: 1 },
      { record: "sensor.temp", from: "oldest", wait_ms: 0, max_samples: 50, max_bytes: 9_000 },
    ]);
  });

  test("of one principal leaves the next its own", async () => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4), readResult(), upTo(4)];

    const [own, others] = [await counter.drain(), await counter.drain({ principal: "other" })];

    expect(own).toEqual(others);
    expect(others).toMatchObject({ value: { isFirst: true, samples: [{ sequence: 4 }] } });
  });

  test("by its type name counts as one by its key", async () => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4), readResult(), upTo(6)];

    await counter.drain({ record: "Temperature" });
    await counter.drain({ record: "Temperature" });

    expect(counter.params[1]).toMatchObject({ record: "sensor.temp", from: "oldest" });
    expect(counter.params[3]).toMatchObject({
      record: "sensor.temp",
      after: { epoch: "e.0", sequence: 4 },
    });
  });
});

describe("the next drain", () => {
  test("begins behind the one before and asks once", async () => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4), upTo(6)];

    await counter.drain();
    const second = await counter.drain();

    expect(second).toMatchObject({ value: { isFirst: false, samples: [{ sequence: 6 }] } });
    expect(counter.params.slice(2)).toMatchObject([{ after: { epoch: "e.0", sequence: 4 } }]);
  });

  test("begins at the same place where the relay did not answer", async () => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4), err(failure("link_lost", "Lost."))];

    await counter.drain();
    expect(await counter.drain()).toMatchObject({ ok: false, error: { code: "link_lost" } });
    await counter.drain();

    expect(counter.params.slice(2)).toMatchObject([
      { after: { epoch: "e.0", sequence: 4 } },
      { after: { epoch: "e.0", sequence: 4 } },
    ]);
  });

  test("leaves what does not fit for the one after it", async () => {
    const counter = new Counter();
    const samples = [1, 2, 3].map((sequence) => sample({ sequence, value: "€".repeat(2_000) }));
    const fitting = readResult({
      samples: samples.slice(0, 1),
      cursor: { epoch: "e.0", sequence: 1 },
      more: true,
    });
    counter.answers = [readResult(), readResult({ samples }), fitting];

    expect(await counter.drain()).toMatchObject({ value: { samples: samples.slice(0, 1) } });
    await counter.drain();

    expect(counter.params[3]).toMatchObject({ after: { epoch: "e.0", sequence: 1 } });
  });

  test("is a first one again after a week", async () => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4)];
    await counter.drain();
    counter.nowMs += DRAIN_KEPT_MS + 1;
    await counter.drain({ principal: "other" });

    expect(await counter.drain()).toMatchObject({ value: { isFirst: true } });
  });

  test("is refused while one is under way, and goes on afterwards", async () => {
    const counter = new Counter();
    let give: (answer: Answer) => void = () => {};
    counter.answers = [
      readResult(),
      upTo(4),
      new Promise<Answer>((resolve) => {
        give = resolve;
      }),
    ];
    await counter.drain();

    const first = counter.drain();
    const second = await counter.drain();
    give(answered(upTo(6)));

    expect(second).toMatchObject({ ok: false, error: { code: "conflict" } });
    expect(await first).toMatchObject({ ok: true });
    expect(await counter.drain()).toMatchObject({ ok: true });
  });
});

describe("a record that can't be observed", () => {
  const crowdedOut = err(failure("too_many_subscriptions", "All are in use."));

  test("is drained at the host, whose cursor is everybody's", async () => {
    const counter = new Counter();
    const drained = { record_key: "sensor.temp", values: [1, 2], more: false, is_first: true };
    counter.answers = [crowdedOut, answered(drained)];

    const { record_key: recordKey, is_first: isFirst, ...rest } = drained;
    expect(await counter.drain()).toEqual(ok({ from: "host", recordKey, isFirst, ...rest }));
    expect(counter.asked[1]).toEqual({
      instance: "plant",
      method: "record.drain",
      params: { record: "sensor.temp", limit: 50, max_bytes: expect.any(Number) },
      deadlineMs: 10_000,
    });
  });

  test("gives the first reason where the host has no drain", async () => {
    const counter = new Counter();
    counter.answers = [crowdedOut, err(failure("unsupported", "Not in this release."))];

    expect(await counter.drain()).toEqual(crowdedOut);
  });

  test("passes on why the host refused", async () => {
    const counter = new Counter();
    const refusal = err(failure("instance_slow", "No answer."));
    counter.answers = [crowdedOut, refusal];

    expect(await counter.drain()).toEqual(refusal);
  });

  test("refuses a host's drain in another form", async () => {
    const counter = new Counter();
    counter.answers = [crowdedOut, answered({ values: "none" })];

    expect(await counter.drain()).toMatchObject({ ok: false, error: { code: "internal" } });
  });

  test("is not drained at the host where it is a mailbox", async () => {
    const counter = new Counter();
    const refusal = err(failure("not_observable", "A mailbox."));
    counter.answers = [refusal];

    expect(await counter.drain()).toEqual(refusal);
    expect(counter.asked).toHaveLength(1);
  });
});

describe("a drain from a position", () => {
  test("has again what came behind it, and the next one goes on from there", async () => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4), upTo(6), upTo(6), upTo(7)];
    const first = await counter.drain();
    const after = first.ok && first.value.from === "samples" ? first.value.next : "";
    await counter.drain({ after });

    const again = await counter.drain({ after });
    await counter.drain();

    expect(again).toMatchObject({
      ok: true,
      value: { samples: [{ sequence: 6 }], isFirst: false },
    });
    expect(counter.params.slice(2)).toMatchObject(
      [4, 4, 6].map((sequence) => ({ after: { epoch: "e.0", sequence } })),
    );
  });

  test("begins anew with the oldest for whoever never got a position: the first answer was lost", async () => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4), upTo(4), upTo(6)];
    await counter.drain();

    const again = await counter.drain({ after: OLDEST });
    await counter.drain();

    expect(again).toMatchObject({
      ok: true,
      value: { samples: [{ sequence: 4 }], isFirst: false },
    });
    expect(counter.params[2]).toMatchObject({ from: "oldest" });
    expect(counter.params[3]).toMatchObject({ after: { epoch: "e.0", sequence: 4 } });
  });

  test.each(["junk", "9..e.0"])("%j, which no drain gave, is refused", async (after) => {
    const counter = new Counter();
    counter.answers = [readResult(), upTo(4)];
    await counter.drain();

    expect(await counter.drain({ after })).toMatchObject({
      ok: false,
      error: { code: "invalid_input" },
    });
  });
});
