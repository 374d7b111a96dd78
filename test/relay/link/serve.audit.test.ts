import { describe, expect, test } from "vitest";
import { AuditTrail } from "../../../relay/access/audit-trail.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { CollectingLog } from "../support/collecting-log.ts";
import { requestOf, setOf } from "../support/worker-side/link-request.ts";

import { beginServing as begin, setsOf, waiting } from "../support/begun-serving.ts";

describe("Server writes into the device's log", () => {
  test("a read once, when it is over, and not what was read", async () => {
    const { handle, audit } = await begin();
    const request = requestOf();
    await handle(request);
    expect(audit.entries).toEqual([
      {
        time: expect.stringMatching(/^2026-11-20T12:00:\d\d\.\d{3}Z$/),
        call_id: request.id,
        principal: "ann",
        instance: "boiler",
        method: "record.get",
        record: "a",
        phase: "outcome",
        outcome: "ok",
        duration_ms: 0,
        durable: false,
      },
    ]);
  });

  test("a write before it is sent, with its value, and its outcome after it [R-1]", async () => {
    const { handle, audit } = await begin();
    const request = setOf(2);
    await handle(request);
    expect(audit.entries).toMatchObject([
      { call_id: request.id, phase: "intent", value: '{"n":2}', durable: true },
      { call_id: request.id, phase: "outcome", outcome: "applied", durable: true },
    ]);
  });

  test.each([
    [
      "a refused write",
      setOf(2, { params: { record: "r", value: { n: 2 }, not_after_ms: 25_000 } }),
      "refused",
    ],
    ["a failed read", requestOf({ params: { record: "none" } }), "unknown_record"],
    ["a read of no instance", requestOf({ instance: "pump" }), "unknown_instance"],
    ["a call of another form", requestOf({ params: [] }), "invalid_input"],
  ])("%s", async (_name, request, outcome) => {
    const { handle, audit } = await begin();
    await handle(request);
    expect(audit.entries.at(-1)).toMatchObject({ call_id: request.id, phase: "outcome", outcome });
  });

  test("a call that its own bounds refused", async () => {
    const begun = await begin();
    const { request } = await waiting(begun);
    await begun.handle(request);
    expect(begun.audit.entries).toMatchObject([{ call_id: request.id, outcome: "conflict" }]);
  });

  test("which records a call is about that reads several", async () => {
    const { handle, audit } = await begin();
    await handle(requestOf({ method: "record.get_many", params: { records: ["a", "b"] } }));
    expect(audit.entries).toMatchObject([{ record: "a, b", outcome: "ok" }]);
  });

  test("a reset before it is sent, as a write", async () => {
    const { handle, audit } = await begin();
    const params = { what: "buffer_metrics" };
    await handle(requestOf({ method: "diagnostics.reset", params }));
    expect(audit.entries).toMatchObject([
      {
        method: "diagnostics.reset",
        phase: "intent",
        durable: true,
        value: '{"what":"buffer_metrics"}',
      },
      { method: "diagnostics.reset", phase: "outcome", durable: true, outcome: "ok" },
    ]);
  });

  test("no more of a long value than it has to", async () => {
    const { handle, audit } = await begin();
    const params = { record: "a", value: { text: "x".repeat(5_000) } };
    await handle(requestOf({ method: "record.set", params }));
    expect(audit.entries[0]?.value).toHaveLength(1_024);
  });

  test("or refuses the write, where it can't", async () => {
    const begun = await begin();
    begun.audit.isFailing = true;

    expect(await begun.handle(setOf(2))).toMatchObject({
      err: "refused_by_device",
      message: expect.stringContaining("nothing was changed"),
    });
    expect(setsOf(begun)).toBe(0);
    expect(begun.log.of("audit_not_written").length).toBeGreaterThan(0);
  });

  test("or answers a read all the same, where it can't", async () => {
    const { handle, audit, log } = await begin();
    audit.isFailing = true;
    expect(await handle(requestOf())).toMatchObject({ ok: {} });
    expect(log.of("audit_not_written")).toHaveLength(1);
  });

  test("nothing where the device file names none", async () => {
    const clock = new ManualClock();
    const trail = new AuditTrail({ audit: undefined, clock, log: new CollectingLog() });
    const { handle, audit } = await begin({ trail });
    expect(await handle(setOf(2))).toMatchObject({ ok: { outcome: "applied" } });
    expect(audit.entries).toEqual([]);
  });
});

test("Server writes a wait for samples into the device's log once a minute", async () => {
  const { handle, audit, clock } = await begin();
  const after = { epoch: "p.0", sequence: 0 };
  const records = [
    { record: "r", after },
    { record: "b", after: { epoch: "q.0", sequence: 7 } },
  ];
  const params = { records, wait_ms: 1, max_samples: 1, max_bytes: 1 };
  const watch = () => requestOf({ method: "samples.watch", params });

  await handle(watch());
  await handle(watch());
  await handle({ ...watch(), principal: "bob" });
  clock.advance(60_000);
  await handle(watch());

  const who = audit.entries.map(({ principal, record, outcome }) => [principal, record, outcome]);
  expect(who).toEqual([
    ["ann", "r, b", "ok"],
    ["bob", "r, b", "ok"],
    ["ann", "r, b", "ok"],
  ]);
});
