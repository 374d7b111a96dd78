import { describe, expect, test } from "vitest";
import { IDLE_END_MS } from "#shared/desk/subscription-desk.ts";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import { Counter, FOREIGN, held, OWN, START_MS, UNKNOWN } from "./support/counter.ts";
import { readResult, sample } from "../../support/link/link-samples.ts";
import { answered, SESSION_STARTED_AT_MS } from "./support/played-relay.ts";

describe("opening", () => {
  test("asks the relay for where the record stands, and for no sample", async () => {
    const counter = new Counter();

    const opened = await counter.open();

    expect(opened).toEqual(ok({ id: "id-1", recordKey: "sensor.temp" }));
    expect(counter.asked).toEqual([
      {
        instance: "plant",
        method: "samples.read",
        params: { record: "Temperature", wait_ms: 0, max_samples: 0, max_bytes: 1 },
        deadlineMs: 5_000,
      },
    ]);
  });

  test("passes on why a record can't be watched, and stores nothing", async () => {
    const counter = new Counter();
    const refusal = err(failure("not_observable", "A mailbox."));
    counter.answers = [refusal];

    expect(await counter.open()).toEqual(refusal);
    expect(counter.rows.countActive({ principal: OWN, instance: "plant" }, 0)).toBe(0);
  });

  test("refuses the sixth of a principal on an instance, and no one else's", async () => {
    const counter = new Counter();
    for (let i = 0; i < 5; i += 1) await counter.openId();

    expect(await counter.open()).toMatchObject({
      ok: false,
      error: { code: "too_many_subscriptions" },
    });
    expect(await counter.open({ instance: "other" })).toMatchObject({ ok: true });
    expect(await counter.open({ principal: FOREIGN })).toMatchObject({ ok: true });
  });

  test("refuses the sixth when all are asked for at once", async () => {
    const counter = new Counter();

    const answers = await Promise.all(Array.from({ length: 6 }, () => counter.open()));

    expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
  });

  test.each([
    { name: "ended", change: { ended: true } },
    { name: "over", change: { endsAtMs: START_MS } },
    { name: "idle for ten minutes", change: { usedAtMs: START_MS - IDLE_END_MS - 1 } },
  ])("does not count one that is $name", async ({ change }) => {
    const counter = new Counter();
    const first = await counter.openId();
    for (let i = 0; i < 4; i += 1) await counter.openId();
    counter.change(first, change);

    expect(await counter.open()).toMatchObject({ ok: true });
  });
});

describe("reading", () => {
  test("continues behind what was delivered", async () => {
    const counter = new Counter();
    counter.answers = [
      readResult({ cursor: { epoch: "e.0", sequence: 4 } }),
      readResult({ cursor: { epoch: "e.0", sequence: 9 }, samples: [sample({ sequence: 9 })] }),
    ];
    const id = await counter.openId();
    await counter.read(id);
    await counter.read(id);

    expect(counter.asked.slice(1).map(({ params }) => params)).toMatchObject([
      { record: "sensor.temp", after: { epoch: "e.0", sequence: 4 }, max_bytes: 9_000 },
      { record: "sensor.temp", after: { epoch: "e.0", sequence: 9 }, max_bytes: 9_000 },
    ]);
  });

  test("gives samples, gaps and the start of the session clock", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    const read = readResult({
      samples: [sample({ sequence: 8 })],
      gaps: [{ reason: "not_kept", missed: 3 }],
    });
    counter.answers = [read];

    expect(await counter.read(id)).toEqual(
      ok({
        instance: "plant",
        recordKey: "sensor.temp",
        loss: "counted",
        samples: read.samples,
        gaps: read.gaps,
        next: "0..e.0",
        complete: false,
        sessionStartedAtMs: SESSION_STARTED_AT_MS,
      }),
    );
  });

  test("waits as long as asked, and no longer than the subscription lasts", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    await counter.read(id);
    counter.nowMs = START_MS + 59_500;
    await counter.read(id);

    expect(counter.asked.slice(1)).toMatchObject([
      { params: { wait_ms: 25_000, until_in_ms: 60_000 }, deadlineMs: 30_000 },
      { params: { wait_ms: 500, until_in_ms: 500 }, deadlineMs: 5_500 },
    ]);
  });

  test("leaves what does not fit for the next read, however the relay counts", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    const samples = [1, 2, 3, 4].map((sequence) => sample({ sequence, value: "€".repeat(1_000) }));
    const fitting = readResult({ samples: samples.slice(0, 2), more: true });
    counter.answers = [readResult({ samples }), fitting, readResult()];

    const result = await counter.read(id);
    await counter.read(id);

    expect(result).toMatchObject({ ok: true, value: { samples: samples.slice(0, 2) } });
    expect(counter.asked.slice(1).map(({ params }) => params)).toMatchObject([
      { wait_ms: 25_000, max_samples: 10_000 },
      { wait_ms: 0, max_samples: 2, after: { epoch: "e.0", sequence: 0 } },
      { wait_ms: 25_000, max_samples: 10_000 },
    ]);
  });

  test("gives a single sample however long it is", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    const long = readResult({ samples: [sample({ value: "x".repeat(60_000) })] });
    counter.answers = [long];

    expect(await counter.read(id)).toMatchObject({ ok: true, value: { samples: long.samples } });
  });

  test("keeps its place when the relay did not answer", async () => {
    const counter = new Counter();
    counter.answers = [
      readResult({ cursor: { epoch: "e.0", sequence: 4 } }),
      err(failure("link_lost", "Lost.")),
    ];
    const id = await counter.openId();

    expect(await counter.read(id)).toMatchObject({ ok: false, error: { code: "link_lost" } });
    expect(await counter.read(id)).toMatchObject({ ok: true });
    expect(counter.asked[2]?.params).toMatchObject({ after: { epoch: "e.0", sequence: 4 } });
  });

  test("refuses an answer in another form", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    counter.answers = [answered({ samples: 3 })];

    expect(await counter.read(id)).toMatchObject({ ok: false, error: { code: "internal" } });
  });

  test("refuses a second reader while one waits, and lets it in afterwards", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    const { answer, give } = held();
    counter.answers = [answer];

    const first = counter.read(id);
    const second = await counter.read(id);
    give(answered(readResult()));

    expect(second).toMatchObject({ ok: false, error: { code: "conflict" } });
    expect(await first).toMatchObject({ ok: true });
    expect(await counter.read(id)).toMatchObject({ ok: true });
  });

  test("finds no subscription of another principal, as none of another id", async () => {
    const counter = new Counter();
    const id = await counter.openId();

    const foreign = await counter.read(id, FOREIGN);

    expect(foreign).toMatchObject(UNKNOWN);
    expect(foreign).toEqual(await counter.read("id-0"));
  });
});

describe("a subscription ends", () => {
  test("with its last event", async () => {
    const counter = new Counter();
    const id = await counter.openId({ maxEvents: 3 });
    counter.answers = [
      readResult({ samples: [sample({ sequence: 1 }), sample({ sequence: 2 })] }),
      readResult({ samples: [sample({ sequence: 3 })] }),
    ];

    expect(await counter.read(id)).toMatchObject({ ok: true, value: { complete: false } });
    expect(await counter.read(id)).toMatchObject({ ok: true, value: { complete: true } });
    expect(await counter.read(id)).toMatchObject(UNKNOWN);
    expect(counter.asked.slice(1).map(({ params }) => params)).toMatchObject([
      { max_samples: 3 },
      { max_samples: 1 },
    ]);
  });

  test("at its time, once everything observed before it was fetched", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    counter.nowMs = START_MS + 60_001;
    counter.answers = [readResult({ more: true }), readResult()];

    expect(await counter.read(id)).toMatchObject({ ok: true, value: { complete: false } });
    expect(await counter.read(id)).toMatchObject({ ok: true, value: { complete: true } });
    expect(await counter.read(id)).toMatchObject(UNKNOWN);
    expect(counter.asked[1]?.params).toMatchObject({ wait_ms: 0, until_in_ms: -1 });
  });

  test("ten minutes after its last call", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    counter.nowMs = START_MS + 5_000;
    const other = await counter.openId();
    counter.nowMs = START_MS + IDLE_END_MS + 1;

    expect(await counter.read(id)).toMatchObject(UNKNOWN);
    expect(counter.desk.end(OWN, id)).toEqual(ok("already_ended"));
    expect(await counter.read(other)).toMatchObject({ ok: true });
  });

  test("by unsubscribing, once", async () => {
    const counter = new Counter();
    const id = await counter.openId();

    expect(counter.desk.end(OWN, id)).toEqual(ok("cancelled"));
    expect(counter.desk.end(OWN, id)).toEqual(ok("already_ended"));
    expect(await counter.read(id)).toMatchObject(UNKNOWN);
  });

  test("by unsubscribing after its time, with what was not fetched", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    counter.nowMs = START_MS + 60_000;

    expect(counter.desk.end(OWN, id)).toEqual(ok("already_ended"));
    expect(await counter.read(id)).toMatchObject(UNKNOWN);
  });

  test("by unsubscribing during a read, which still gives what it got", async () => {
    const counter = new Counter();
    const id = await counter.openId();
    const { answer, give } = held();
    counter.answers = [answer];

    const reading = counter.read(id);
    const ended = counter.desk.end(OWN, id);
    give(answered(readResult({ samples: [sample()] })));

    expect(ended).toEqual(ok("cancelled"));
    expect(await reading).toMatchObject({
      ok: true,
      value: { samples: [sample()], complete: true },
    });
    expect(await counter.read(id)).toMatchObject(UNKNOWN);
  });

  test("for its principal alone", async () => {
    const counter = new Counter();
    const id = await counter.openId();

    const foreign = counter.desk.end(FOREIGN, id);

    expect(foreign).toMatchObject(UNKNOWN);
    expect(foreign).toEqual(counter.desk.end(OWN, "id-0"));
    expect(counter.desk.end(OWN, id)).toEqual(ok("cancelled"));
  });
});
