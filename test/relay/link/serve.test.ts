import { METHODS } from "#shared/link/method.ts";
import { describe, expect, test } from "vitest";
import { replySchema } from "#shared/link/request.ts";
import type { Instance } from "../../../relay/instances/instance.ts";
import { requestOf, setOf, waitOf } from "../support/worker-side/link-request.ts";
import { turns, until } from "../support/until.ts";

import { beginServing as begin, setsOf, waiting } from "../support/begun-serving.ts";

describe("Server answers", () => {
  test("a call with its id and instance", async () => {
    const { handle } = await begin();
    const request = requestOf();

    const reply = await handle(request);

    expect(reply).toMatchObject({
      t: "reply",
      id: request.id,
      instance: "boiler",
      ok: { record_key: "a", loss: "counted", sample: { value: { n: 1 }, sequence: 1 } },
    });
    expect(replySchema.safeParse(reply).success).toBe(true);
  });

  test("in times of the session's clock", async () => {
    const { server, clock } = await begin();
    clock.advance(5_000);
    const reply = await server.handle(requestOf(), clock.monotonicMs() - 1_000);
    expect(reply?.ok).toMatchObject({ sample: { at_ms: -4_000 } });
  });

  test("unknown_instance for a name that is none [R-13]", async () => {
    const { handle } = await begin();
    expect(await handle(requestOf({ instance: "pump" }))).toMatchObject({
      instance: "pump",
      err: "unknown_instance",
    });
  });

  test("what keeps its promises whatever the failure says", async () => {
    const { handle } = await begin();
    const reply = await handle(requestOf({ params: { record: "c" } }));
    expect(reply).toMatchObject({ err: "unknown_record", details: { nearest: ["a", "b", "r"] } });
    expect(replySchema.safeParse(reply).success).toBe(true);
  });

  test("internal where the relay itself fails, and logs why", async () => {
    const broken = {
      get: async () => {
        throw new Error("a bug");
      },
    } as unknown as Instance;
    const { handle, log } = await begin({ find: () => broken });
    const request = requestOf();

    expect(await handle(request)).toMatchObject({ err: "internal" });
    expect(log.of("call_failed")).toMatchObject([{ call: request.id, reason: "Error: a bug" }]);
  });
});

describe("Server refuses", () => {
  test("the 65th call at a time, and only that [R-12]", async () => {
    const begun = await begin();
    const requests = Array.from({ length: 64 }, () => waitOf(20_000));
    const replies = requests.map((request) => begun.handle(request));
    await until("the wait", () => begun.clock.isDueIn(20_000));

    expect(await begun.handle(requestOf())).toMatchObject({
      err: "busy",
      details: { retry_after_s: 1 },
    });

    begun.server.cancelAll();
    await Promise.all(replies);
    expect(await begun.handle(requestOf())).toMatchObject({ ok: {} });
  });

  test("a second call with the id of one under way, which goes on [R-12]", async () => {
    const begun = await begin();
    const { request, reply } = await waiting(begun);

    expect(await begun.handle(request)).toMatchObject({ err: "conflict" });

    begun.clock.advance(20_000);
    expect(await reply).toMatchObject({ id: request.id, ok: { samples: [] } });
  });
});

test.each(["root", "admin", "device", "x".repeat(100)])(
  "Server decides for %s as for anybody [X-4]",
  async (principal) => {
    const { handle } = await begin();
    const closed = { record: "r", value: { n: 2 }, not_after_ms: 25_000 };
    const answersTo = async (principal: string) => {
      const read = await handle(requestOf({ principal }));
      const write = await handle(setOf(2, { principal, params: closed }));
      return [read?.ok, write?.ok];
    };

    const answers = await answersTo(principal);

    expect(answers).toMatchObject([{ record_key: "a" }, { outcome: "refused" }]);
    expect(answers).toEqual(await answersTo("ann"));
  },
);

describe("Server keeps the deadline", () => {
  test("of a read whose host hangs [R-8]", async () => {
    const { host, clock, handle } = await begin();
    host.setFaults({ hang: true });
    const reply = handle(requestOf({ deadline_ms: 3_000 }));
    await until("the call", () => clock.isDueIn(2_900));

    clock.advance(2_900);

    expect(await reply).toMatchObject({ err: "instance_slow" });
  });

  test("of a write whose host hangs, which may have been executed [R-8]", async () => {
    const { host, clock, handle } = await begin();
    host.setFaults({ hang: true });
    const reply = handle(setOf(2, { deadline_ms: 3_000 }));
    await until("the call", () => clock.isDueIn(2_900));

    clock.advance(2_900);

    expect(await reply).toMatchObject({ ok: { outcome: "unknown", code: "instance_slow" } });
  });

  test("of a write that waits for its turn, and does not begin it later", async () => {
    const begun = await begin();
    const { host, clock, handle } = begun;
    host.setFaults({ hang: true });
    const first = handle(setOf(2, { deadline_ms: 30_000 }));
    const second = handle(setOf(3, { deadline_ms: 2_000 }));
    await until("the calls", () => clock.isDueIn(1_900));

    clock.advance(1_900);
    expect(await second).toMatchObject({ ok: { outcome: "unknown" } });
    host.setFaults({});

    expect(await first).toMatchObject({ ok: { outcome: "applied" } });
    await handle(requestOf());
    expect(setsOf(begun)).toBe(1);
    expect(host.database.find("a")?.lastWritten?.sorted).toBe('{"n":2}');
  });

  test.each([1, 50, 100])(
    "of a write that has %d ms, and does not begin it",
    async (deadline_ms) => {
      const begun = await begin();
      expect(await begun.handle(setOf(2, { deadline_ms }))).toMatchObject({
        ok: { outcome: "not_applied" },
      });
      expect(setsOf(begun)).toBe(0);
    },
  );

  test("of a read that has none left, without harm to others on the connection [R-8]", async () => {
    const begun = await begin();
    const { host, handle } = begun;
    const accepted = host.acceptedCount;
    host.setFaults({ hang: true });
    const write = handle(setOf(2));
    await turns();

    expect(await handle(requestOf({ deadline_ms: 20 }))).toMatchObject({ err: "instance_slow" });

    host.setFaults({});
    expect(await write).toMatchObject({ ok: { outcome: "applied" } });
    expect(host.acceptedCount).toBe(accepted);
  });
});

describe("A read that its caller gives a short time", () => {
  test.each([
    ["one record", requestOf({ deadline_ms: 1_000 })],
    [
      "several",
      requestOf({ method: "record.get_many", params: { records: ["a"] }, deadline_ms: 1_000 }),
    ],
  ])("ends no connection that a write of another waits on: %s", async (_what, read) => {
    const { host, clock, handle } = await begin();
    const accepted = host.acceptedCount;
    host.setFaults({ hang: true });
    const reply = handle(read);
    const write = handle(setOf(2));
    await until("the calls", () => clock.isDueIn(900));
    clock.advance(900);
    await reply;
    host.setFaults({});

    expect(await write).toMatchObject({ ok: { outcome: "applied" } });
    expect(host.acceptedCount).toBe(accepted);
  });

  test("has of several records those that came in time", async () => {
    const { host, clock, handle } = await begin();
    host.setFaults({ hang: true });
    const reply = handle(
      requestOf({
        method: "record.get_many",
        params: { records: ["a", "none"] },
        deadline_ms: 1_000,
      }),
    );
    await until("the call", () => clock.isDueIn(850));
    clock.advance(850);

    expect(await reply).toMatchObject({
      ok: { entries: [{ err: "instance_slow" }, { err: "unknown_record" }] },
    });
  });
});

describe("Server that is told to cancel", () => {
  test("ends a wait and answers nothing [R-9]", async () => {
    const begun = await begin();
    const { request, reply } = await waiting(begun);

    begun.server.cancel(request.id);

    expect(await reply).toBeUndefined();
    expect(begun.clock.isDueIn(20_000)).toBe(false);
  });

  test("has its place for another at once, though the instance hangs [R-20]", async () => {
    const begun = await begin();
    begun.host.setFaults({ hang: true });
    const requests = Array.from({ length: 64 }, () => requestOf());
    const replies = requests.map((request) => begun.handle(request));
    await turns();
    for (const { id } of requests) begun.server.cancel(id);
    const next = requestOf();
    const asked = begun.handle(next);

    expect(await Promise.all(replies)).toEqual(replies.map(() => undefined));
    begun.server.cancel(next.id);
    expect(await asked).toBeUndefined();
    expect(begun.audit.entries.at(-1)).toMatchObject({ call_id: next.id, outcome: "cancelled" });
  });

  test("can be told so again of the call that took the cancelled one's id", async () => {
    const begun = await begin();
    const { request, reply } = await waiting(begun);
    begun.server.cancel(request.id);
    const again = begun.handle(request);
    await reply;
    await turns();

    begun.server.cancel(request.id);

    expect(await again).toBeUndefined();
  });

  test("writes a wait that begins anew and is cancelled into its log once a minute", async () => {
    const begun = await begin();
    const first = await begun.handle(waitOf(0));
    const read = METHODS["samples.read"].result.parse(first?.ok);
    const params = {
      record: "r",
      after: read.cursor,
      wait_ms: 20_000,
      max_samples: 9,
      max_bytes: 9_000,
    };
    for (let n = 0; n < 3; n += 1) {
      const request = waitOf(20_000, { params });
      const { reply } = await waiting(begun, request);
      begun.server.cancel(request.id);
      await reply;
    }

    const outcomes = begun.audit.entries.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "cancelled")).toHaveLength(1);
  });

  test("passes over a call that it does not know [R-9]", async () => {
    const begun = await begin();
    const { reply } = await waiting(begun);
    begun.server.cancel("0".repeat(32));
    begun.clock.advance(20_000);
    expect(await reply).toMatchObject({ ok: {} });
  });

  test("does not begin a write that waits for its turn [R-10]", async () => {
    const begun = await begin();
    begun.host.setFaults({ hang: true });
    const request = setOf(3);
    const replies = [begun.handle(setOf(2)), begun.handle(request)];
    await turns();

    begun.server.cancel(request.id);
    begun.host.setFaults({});

    expect(await Promise.all(replies)).toMatchObject([{ ok: { outcome: "applied" } }, undefined]);
    expect(setsOf(begun)).toBe(1);
    expect(begun.audit.entries.at(-1)).toMatchObject({
      call_id: request.id,
      outcome: "not_applied",
    });
  });

  test("everything ends everything [R-17]", async () => {
    const begun = await begin();
    const replies = [await waiting(begun), await waiting(begun)].map(({ reply }) => reply);
    begun.server.cancelAll();
    expect(await Promise.all(replies)).toEqual([undefined, undefined]);
  });
});
