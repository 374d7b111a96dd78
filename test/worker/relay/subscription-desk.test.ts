import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { MethodResult } from "#shared/link/method.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import type { CallRequest, CallResult, SubscribeResult } from "../../../worker/relay/rpc.ts";
import { SubscriptionDesk } from "../../../worker/relay/subscription-desk.ts";
import {
  IDLE_END_MS,
  readSubscription,
  writeSubscription,
  type Subscription,
} from "../../../worker/relay/subscriptions.ts";
import { readResult, sample } from "../support/builders.ts";
import { inRelayTables } from "../support/relay-tables.ts";

afterEach(() => reset());

const OWN: Principal = { id: "own", team: "team", scopes: ["aimdb:read"] };
const FOREIGN: Principal = { id: "foreign", team: "team", scopes: ["aimdb:read"] };

/** A desk over a relay that answers from a list, and what it was asked. */
class Counter {
  readonly asked: CallRequest[] = [];
  answers: (MethodResult<"samples.read"> | CallResult | Promise<CallResult>)[] = [];
  readonly sql: SqlStorage;
  readonly desk: SubscriptionDesk;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    this.desk = new SubscriptionDesk(sql, async (request) => {
      this.asked.push(request);
      const answer = await (this.answers.shift() ?? readResult());
      return "ok" in answer ? answer : { ok: true, value: answer, sessionStartedAtMs: 1_000 };
    });
  }

  async open(change: { principal?: Principal; instance?: string; maxEvents?: number } = {}) {
    const { principal = OWN, instance = "plant", maxEvents = null } = change;
    const options = { principal, instance, record: "Temperature", durationMs: 60_000, maxEvents };
    return this.desk.subscribe(options, Date.now());
  }

  async openId(change: { principal?: Principal; maxEvents?: number } = {}): Promise<string> {
    return idOf(await this.open(change));
  }

  read(id: string, principal: Principal = OWN) {
    return this.desk.read({ principal, id, waitMs: 25_000, maxBytes: 9_000 });
  }

  change(id: string, change: Partial<Subscription>): void {
    const row = readSubscription(this.sql, id, OWN.id);
    if (row === undefined) throw new Error("No such subscription");
    writeSubscription(this.sql, { ...row, ...change });
  }
}

function idOf(result: SubscribeResult): string {
  if (!result.ok) throw new Error(result.failure.message);
  return result.id;
}

function atDesk<R>(run: (counter: Counter) => Promise<R>): Promise<R> {
  return inRelayTables((sql) => run(new Counter(sql)));
}

const UNKNOWN = { ok: false, failure: { code: "unknown_subscription" } };

describe("subscribing", () => {
  test("asks the relay for where the record stands, and for no sample", async () => {
    const [opened, asked] = await atDesk(async (counter) => [
      await counter.open(),
      counter.asked[0],
    ]);

    expect(opened).toEqual({
      ok: true,
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      recordKey: "sensor.temp",
    });
    expect(asked).toMatchObject({
      principal: OWN,
      instance: "plant",
      method: "samples.read",
      params: { record: "Temperature", wait_ms: 0, max_samples: 0 },
      deadlineMs: 5_000,
    });
  });

  test("passes on why a record can't be watched, and stores nothing", async () => {
    const refusal = { ok: false, failure: failure("not_observable", "A mailbox.") } as const;
    const [opened, rows] = await atDesk(async (counter) => {
      counter.answers = [refusal];
      const opened = await counter.open();
      return [opened, counter.sql.exec("SELECT * FROM subscription").toArray()];
    });

    expect(opened).toEqual(refusal);
    expect(rows).toEqual([]);
  });

  test("refuses the sixth of a principal on an instance, and no one else's", async () => {
    const answers = await atDesk(async (counter) => {
      for (let i = 0; i < 5; i += 1) await counter.openId();
      return [
        await counter.open(),
        await counter.open({ instance: "other" }),
        await counter.open({ principal: FOREIGN }),
      ];
    });

    expect(answers).toMatchObject([
      { ok: false, failure: { code: "too_many_subscriptions" } },
      { ok: true },
      { ok: true },
    ]);
  });

  test("refuses the sixth when all are asked for at once", async () => {
    const answers = await atDesk((counter) =>
      Promise.all(Array.from({ length: 6 }, () => counter.open())),
    );

    expect(answers.filter(({ ok }) => ok)).toHaveLength(5);
  });

  test.each([
    { name: "ended", change: { ended: true } },
    { name: "over", change: { endsAtMs: 0 } },
    { name: "idle for ten minutes", change: { usedAtMs: Date.now() - IDLE_END_MS - 1 } },
  ])("does not count one that is $name", async ({ change }) => {
    const sixth = await atDesk(async (counter) => {
      const first = await counter.openId();
      for (let i = 0; i < 4; i += 1) await counter.openId();
      counter.change(first, change);
      return counter.open();
    });

    expect(sixth).toMatchObject({ ok: true });
  });
});

describe("reading", () => {
  test("continues behind what was delivered", async () => {
    const asked = await atDesk(async (counter) => {
      counter.answers = [
        readResult({ cursor: { epoch: "e.0", sequence: 4 } }),
        readResult({ cursor: { epoch: "e.0", sequence: 9 }, samples: [sample({ sequence: 9 })] }),
      ];
      const id = await counter.openId();
      await counter.read(id);
      await counter.read(id);
      return counter.asked.slice(1);
    });

    expect(asked.map(({ params }) => params)).toMatchObject([
      { record: "sensor.temp", after: { epoch: "e.0", sequence: 4 }, max_bytes: 9_000 },
      { record: "sensor.temp", after: { epoch: "e.0", sequence: 9 }, max_bytes: 9_000 },
    ]);
  });

  test("gives samples, gaps and the start of the session clock", async () => {
    const read = readResult({
      samples: [sample({ sequence: 8 })],
      gaps: [{ reason: "not_kept", missed: 3 }],
    });
    const result = await atDesk(async (counter) => {
      const id = await counter.openId();
      counter.answers = [read];
      return counter.read(id);
    });

    expect(result).toEqual({
      ok: true,
      batch: {
        instance: "plant",
        recordKey: "sensor.temp",
        loss: "counted",
        samples: read.samples,
        gaps: read.gaps,
        complete: false,
        sessionStartedAtMs: 1_000,
      },
    });
  });

  test("waits as long as asked, and no longer than the subscription lasts", async () => {
    const [full, rest] = await atDesk(async (counter) => {
      const id = await counter.openId();
      await counter.read(id);
      counter.change(id, { endsAtMs: Date.now() + 500 });
      await counter.read(id);
      return counter.asked.slice(1);
    });

    expect(full).toMatchObject({ params: { wait_ms: 25_000 }, deadlineMs: 30_000 });
    const { wait_ms, until_in_ms } = (rest?.params ?? {}) as Record<string, number>;
    expect(wait_ms).toBeLessThanOrEqual(500);
    expect(wait_ms).toBeGreaterThan(0);
    expect(until_in_ms).toBe(wait_ms);
  });

  test("leaves what does not fit for the next read, however the relay counts", async () => {
    const samples = [1, 2, 3, 4].map((sequence) => sample({ sequence, value: "€".repeat(1_000) }));
    const [result, asked] = await atDesk(async (counter) => {
      const id = await counter.openId();
      const fitting = readResult({ samples: samples.slice(0, 2), more: true });
      counter.answers = [readResult({ samples }), fitting, readResult()];
      const result = await counter.read(id);
      await counter.read(id);
      return [result, counter.asked.slice(1).map(({ params }) => params)] as const;
    });

    expect(result).toMatchObject({ ok: true, batch: { samples: samples.slice(0, 2) } });
    expect(asked).toMatchObject([
      { wait_ms: 25_000, max_samples: 10_000 },
      { wait_ms: 0, max_samples: 2, after: { epoch: "e.0", sequence: 0 } },
      { wait_ms: 25_000, max_samples: 10_000 },
    ]);
  });

  test("gives a single sample however long it is", async () => {
    const long = readResult({ samples: [sample({ value: "x".repeat(60_000) })] });
    const result = await atDesk(async (counter) => {
      const id = await counter.openId();
      counter.answers = [long];
      return counter.read(id);
    });

    expect(result).toMatchObject({ ok: true, batch: { samples: long.samples } });
  });

  test("keeps its place when the relay did not answer", async () => {
    const asked = await atDesk(async (counter) => {
      counter.answers = [
        readResult({ cursor: { epoch: "e.0", sequence: 4 } }),
        { ok: false, failure: failure("link_lost", "Lost.") },
      ];
      const id = await counter.openId();
      expect(await counter.read(id)).toMatchObject({ ok: false, failure: { code: "link_lost" } });
      expect(await counter.read(id)).toMatchObject({ ok: true });
      return counter.asked;
    });

    expect(asked[2]?.params).toMatchObject({ after: { epoch: "e.0", sequence: 4 } });
  });

  test("refuses an answer in another form", async () => {
    const result = await atDesk(async (counter) => {
      const id = await counter.openId();
      counter.answers = [{ ok: true, value: { samples: 3 }, sessionStartedAtMs: 0 }];
      return counter.read(id);
    });

    expect(result).toMatchObject({ ok: false, failure: { code: "internal" } });
  });

  test("refuses a second reader while one waits, and lets it in afterwards", async () => {
    const answers = await atDesk(async (counter) => {
      const id = await counter.openId();
      let answer: (result: CallResult) => void = () => {};
      counter.answers = [new Promise((resolve) => (answer = resolve))];
      const first = counter.read(id);
      const second = await counter.read(id);
      answer({ ok: true, value: readResult(), sessionStartedAtMs: 0 });
      return [second, await first, await counter.read(id)];
    });

    expect(answers).toMatchObject([
      { ok: false, failure: { code: "conflict" } },
      { ok: true },
      { ok: true },
    ]);
  });

  test("finds no subscription of another principal, as none of another id", async () => {
    const [foreign, missing] = await atDesk(async (counter) => {
      const id = await counter.openId();
      return [await counter.read(id, FOREIGN), await counter.read("0".repeat(32))];
    });

    expect(foreign).toMatchObject(UNKNOWN);
    expect(foreign).toEqual(missing);
  });
});

describe("a subscription ends", () => {
  test("with its last event", async () => {
    const [asked, ...answers] = await atDesk(async (counter) => {
      const id = await counter.openId({ maxEvents: 3 });
      counter.answers = [
        readResult({ samples: [sample({ sequence: 1 }), sample({ sequence: 2 })] }),
        readResult({ samples: [sample({ sequence: 3 })] }),
      ];
      const answers = [await counter.read(id), await counter.read(id), await counter.read(id)];
      return [counter.asked.slice(1).map(({ params }) => params), ...answers];
    });

    expect(asked).toMatchObject([{ max_samples: 3 }, { max_samples: 1 }]);
    expect(answers).toMatchObject([
      { ok: true, batch: { complete: false } },
      { ok: true, batch: { complete: true } },
      UNKNOWN,
    ]);
  });

  test("at its time, once everything observed before it was fetched", async () => {
    const answers = await atDesk(async (counter) => {
      const id = await counter.openId();
      counter.change(id, { endsAtMs: Date.now() - 1 });
      counter.answers = [readResult({ more: true }), readResult()];
      return [await counter.read(id), await counter.read(id), await counter.read(id)];
    });

    expect(answers).toMatchObject([
      { ok: true, batch: { complete: false } },
      { ok: true, batch: { complete: true } },
      UNKNOWN,
    ]);
  });

  test("ten minutes after its last call", async () => {
    const answers = await atDesk(async (counter) => {
      const [id, other] = [await counter.openId(), await counter.openId()];
      counter.change(id, { usedAtMs: Date.now() - IDLE_END_MS - 1 });
      counter.change(other, { usedAtMs: Date.now() - IDLE_END_MS + 5_000 });
      return [
        await counter.read(id),
        counter.desk.unsubscribe({ principal: OWN, id }, Date.now()),
        await counter.read(other),
      ];
    });

    expect(answers).toMatchObject([UNKNOWN, { ok: true, status: "already_ended" }, { ok: true }]);
  });

  test("by unsubscribing, once", async () => {
    const answers = await atDesk(async (counter) => {
      const id = await counter.openId();
      const end = () => counter.desk.unsubscribe({ principal: OWN, id }, Date.now());
      return [end(), end(), await counter.read(id)];
    });

    expect(answers).toMatchObject([
      { ok: true, status: "cancelled" },
      { ok: true, status: "already_ended" },
      UNKNOWN,
    ]);
  });

  test("by unsubscribing after its time, with what was not fetched", async () => {
    const answers = await atDesk(async (counter) => {
      const id = await counter.openId();
      counter.change(id, { endsAtMs: Date.now() - 1 });
      const ended = counter.desk.unsubscribe({ principal: OWN, id }, Date.now());
      return [ended, await counter.read(id)];
    });

    expect(answers).toMatchObject([{ ok: true, status: "already_ended" }, UNKNOWN]);
  });

  test("by unsubscribing during a read, which still gives what it got", async () => {
    const answers = await atDesk(async (counter) => {
      const id = await counter.openId();
      let answer: (result: CallResult) => void = () => {};
      counter.answers = [new Promise((resolve) => (answer = resolve))];
      const reading = counter.read(id);
      const ended = counter.desk.unsubscribe({ principal: OWN, id }, Date.now());
      answer({ ok: true, value: readResult({ samples: [sample()] }), sessionStartedAtMs: 0 });
      return [ended, await reading, await counter.read(id)];
    });

    expect(answers).toMatchObject([
      { ok: true, status: "cancelled" },
      { ok: true, batch: { samples: [sample()], complete: true } },
      UNKNOWN,
    ]);
  });

  test("for its principal alone", async () => {
    const [foreign, missing, own] = await atDesk(async (counter) => {
      const id = await counter.openId();
      const end = (principal: Principal, each: string) =>
        counter.desk.unsubscribe({ principal, id: each }, Date.now());
      return [end(FOREIGN, id), end(OWN, "0".repeat(32)), end(OWN, id)];
    });

    expect(foreign).toMatchObject(UNKNOWN);
    expect(foreign).toEqual(missing);
    expect(own).toEqual({ ok: true, status: "cancelled" });
  });
});
