import { describe, expect, test } from "vitest";
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type { FleetAnswer } from "#shared/fleet/calling-fleet.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { readResult, sample } from "../../support/link/link-samples.ts";
import { answer, PlayedCalls, SESSION_START_MS } from "../support/played-calls.ts";

const INSTANCE = "gw/plant";

function fleetThatGets(...answers: Result<FleetAnswer, Failure>[]): {
  readonly calls: PlayedCalls;
  readonly fleet: CallingFleet;
} {
  const calls = new PlayedCalls();
  calls.answers = answers;
  return { calls, fleet: new CallingFleet(calls) };
}

function paramsOf({ asked }: PlayedCalls): unknown[] {
  return asked.map(({ params }) => params);
}

const READING = { record_key: "sensor.temp", loss: "counted", sample: sample({ at_ms: 1_500 }) };
const TIMED = {
  recordKey: "sensor.temp",
  loss: "counted",
  sample: {
    value: { celsius: 21.5 },
    timestamp: "2026-11-20T10:00:01.500Z",
    timeSource: "observed",
    ageMs: 58_500,
    sequence: 1,
    epoch: "e.0",
  },
};

describe("a reading", () => {
  test("has its time on the caller's clock", async () => {
    const { calls, fleet } = fleetThatGets(answer(READING));

    expect(await fleet.getRecord(INSTANCE, "sensor.temp")).toEqual(ok(TIMED));
    expect(calls.asked).toEqual([
      {
        instance: INSTANCE,
        method: "record.get",
        params: { record: "sensor.temp" },
        deadlineMs: 15_000,
        callId: undefined,
      },
    ]);
  });

  test("of several records comes in the order asked, each with its own outcome", async () => {
    const refusal = { err: "no_value", message: "Nothing yet.", details: { nearest: ["a"] } };
    const entries = [
      { record: "b", ...refusal },
      { record: "sensor.temp", ok: READING },
    ];
    const { fleet } = fleetThatGets(answer({ entries }));

    expect(await fleet.getRecords(INSTANCE, ["b", "sensor.temp"])).toEqual(
      ok([
        { record: "b", reading: err(failure("no_value", "Nothing yet.", { nearest: ["a"] })) },
        { record: "sensor.temp", reading: ok(TIMED) },
      ]),
    );
  });

  test("comes with how it went lately, by the caller's clock", async () => {
    const trace = {
      field: "celsius",
      points: [
        [500, 20.5],
        [1_500, 21],
      ],
    };
    const entries = [{ record: "sensor.temp", ok: READING, trace }];
    const { fleet } = fleetThatGets(answer({ entries }));

    expect(await fleet.getRecords(INSTANCE, ["sensor.temp"], { tracePoints: 10 })).toMatchObject({
      value: [
        {
          trace: {
            field: "celsius",
            points: [
              { atMs: SESSION_START_MS + 500, value: 20.5 },
              { atMs: SESSION_START_MS + 1_500, value: 21 },
            ],
          },
        },
      ],
    });
  });

  test("of a relay that is away says since when, one by one", async () => {
    const staleSince = "2026-11-20T10:00:30.000Z";
    const stale = (value: unknown) => ok({ value, sessionStartedAtMs: 0, staleSince });
    const sample = { ...READING.sample, at_ms: SESSION_START_MS + 1_500 };
    const last = { ...READING, sample };
    const { fleet } = fleetThatGets(
      stale(last),
      stale({ entries: [{ record: "sensor.temp", ok: last }] }),
    );

    const reading = ok({ ...TIMED, staleSince });
    expect(await fleet.getRecord(INSTANCE, "sensor.temp")).toEqual(reading);
    expect(await fleet.getRecords(INSTANCE, ["sensor.temp"])).toEqual(
      ok([{ record: "sensor.temp", reading }]),
    );
  });

  test("in another form is an error", async () => {
    const { fleet } = fleetThatGets(answer({ sample: "none" }));

    expect(await fleet.getRecord(INSTANCE, "sensor.temp")).toMatchObject({
      ok: false,
      error: { code: "internal" },
    });
  });
});

test("a write, its answer and the question about it go as they are to who can reach the instance", async () => {
  const { calls, fleet } = fleetThatGets();
  const asks = { form: true, url: false };
  const write = { record: "a", value: 1, isDryRun: false, skipsValidation: false, asks };

  const answers = [
    await fleet.setRecord(INSTANCE, write),
    await fleet.answerWrite("gw.1", true),
    await fleet.writeReport("gw.1"),
  ];

  expect(calls.writes).toEqual([
    { instance: INSTANCE, ...write },
    { callId: "gw.1", accepted: true },
    { callId: "gw.1" },
  ]);
  expect(answers).toEqual([calls.written, calls.written, calls.written]);
});

describe("a list", () => {
  test.each([
    ["observed", "observed"],
    ["first_seen", "first_seen"],
    // The digits of the host's clock are not in a row.
    ["host", "observed"],
  ])("has each row's newest sample with its time by our clock and age: %s", async (sent, shown) => {
    const row = {
      record_key: "sensor.temp",
      type_name: "Temperature",
      type_id: "0x1",
      buffer_type: "single_latest",
      origin: null,
      producer_count: null,
      consumer_count: null,
      producers: null,
      consumers: null,
      writable: false,
      writable_reason: "The application produces it.",
      created_at: null,
      last_update: null,
      observed: "live",
      mean_interval_ms: null,
    };
    const latest = { at_ms: -1_000, time_source: sent, sequence: 4 };
    const records = [
      { ...row, latest },
      { ...row, latest: null },
    ];
    const { calls, fleet } = fleetThatGets(answer({ records, total: 7, next_offset: 4 }));

    const page = { offset: 2, limit: 2, writableOnly: true, nameFilter: "temp" };
    expect(await fleet.listRecords(INSTANCE, page)).toEqual(
      ok({
        records: [
          {
            ...row,
            latest: {
              timestamp: "2026-11-20T09:59:59.000Z",
              timeSource: shown,
              ageMs: 61_000,
              sequence: 4,
            },
          },
          { ...row, latest: null },
        ],
        total: 7,
        nextOffset: 4,
      }),
    );
    expect(paramsOf(calls)).toEqual([
      { offset: 2, limit: 2, writable_only: true, name_filter: "temp" },
    ]);
  });
});

describe("a history", () => {
  test("is asked for in time from now, and has its times on the caller's clock", async () => {
    const value = {
      record_key: "sensor.temp",
      loss: "not_visible",
      source: "relay",
      samples: [sample({ at_ms: 0 })],
      buckets: [{ at_ms: 1_000, count: 2, fields: {} }],
      total: 2,
      is_total_exact: true,
      gaps: [{ reason: "not_kept", missed: 1 }],
      oldest_at_ms: -2_000,
      host_reason: "It has no persistence.",
    };
    const { calls, fleet } = fleetThatGets(answer(value));

    const asked = { record: "sensor.temp", fromAgeMs: 5_000, toAgeMs: 0, bucketMs: 1_000 };
    const history = await fleet.history(INSTANCE, { ...asked, maxPoints: 10, maxBytes: 900 });

    expect(history).toMatchObject(
      ok({
        recordKey: "sensor.temp",
        source: "relay",
        samples: [{ timestamp: "2026-11-20T10:00:00.000Z", ageMs: 60_000 }],
        buckets: [{ timestamp: "2026-11-20T10:00:01.000Z", count: 2 }],
        oldest: "2026-11-20T09:59:58.000Z",
        hostReason: "It has no persistence.",
      }),
    );
    expect(paramsOf(calls)).toEqual([
      {
        record: "sensor.temp",
        from_in_ms: -5_000,
        to_in_ms: 0,
        bucket_ms: 1_000,
        max_points: 10,
        max_bytes: 900,
      },
    ]);
  });
});

describe("a schema", () => {
  test("says since when its samples were seen, and shows one", async () => {
    const value = {
      record_key: "sensor.temp",
      type_name: "Temperature",
      schema: { type: "object" },
      inferred_from: { samples: 3, since_at_ms: 0 },
      guessed: ["celsius: always whole so far"],
      example: sample(),
    };
    const { calls, fleet } = fleetThatGets(answer(value));

    const schema = await fleet.schema(INSTANCE, { record: "sensor.temp", includeExample: true });

    expect(schema).toMatchObject(
      ok({ sampleCount: 3, since: "2026-11-20T10:00:00.000Z", example: { sequence: 1 } }),
    );
    expect(paramsOf(calls)).toEqual([{ record: "sensor.temp", include_example: true }]);
  });
});

describe("a batch", () => {
  test("of a subscription has its times on the caller's clock", async () => {
    const { calls, fleet } = fleetThatGets();
    const batch = { instance: INSTANCE, recordKey: "sensor.temp", loss: "counted" as const };
    calls.batch = ok({
      ...batch,
      samples: [sample({ at_ms: 1_500 })],
      gaps: [],
      next: "1..e",
      complete: true,
      sessionStartedAtMs: SESSION_START_MS,
    });

    expect(await fleet.readSubscription("gw.1", { waitMs: 0, maxBytes: 900 })).toEqual(
      ok({ ...batch, samples: [TIMED.sample], gaps: [], next: "1..e", complete: true }),
    );
  });

  test("of a drain has its times on the caller's clock", async () => {
    const { calls, fleet } = fleetThatGets();
    const batch = { from: "samples", recordKey: "sensor.temp", loss: "counted" } as const;
    const rest = { gaps: [], next: "1..e", more: false, isFirst: true };
    const samples = [sample({ at_ms: 1_500 })];
    calls.drained = ok({ ...batch, ...rest, samples, sessionStartedAtMs: SESSION_START_MS });

    const query = { record: "sensor.temp", maxSamples: 9, maxBytes: 900 };
    expect(await fleet.drain(INSTANCE, query)).toEqual(
      ok({ ...batch, ...rest, samples: [TIMED.sample] }),
    );
  });

  test("of the host's own drain has no times", async () => {
    const { calls, fleet } = fleetThatGets();
    const drained = { recordKey: "sensor.temp", values: [1, 2], more: false, isFirst: true };
    calls.drained = ok({ from: "host", ...drained });

    const query = { record: "sensor.temp", maxSamples: 9, maxBytes: 900 };
    expect(await fleet.drain(INSTANCE, query)).toEqual(calls.drained);
  });
});

describe("watch()", () => {
  const changed = readResult({ samples: [sample()], cursor: { epoch: "e.0", sequence: 1 } });
  const newest = readResult({ cursor: { epoch: "e.0", sequence: 9 } });

  test("tells one change, however many samples, and goes on behind all of them", async () => {
    const { calls, fleet } = fleetThatGets(answer(changed), answer(newest));

    const query = { record: "sensor.temp", after: "e.0:0", waitMs: 20_000 };
    expect(await fleet.watch(INSTANCE, query)).toEqual(ok({ changed: true, next: "e.0:9" }));
    expect(calls.asked).toMatchObject([
      { params: { after: { epoch: "e.0", sequence: 0 }, wait_ms: 20_000 }, deadlineMs: 25_000 },
      { params: { after: { epoch: "e.0", sequence: 1 }, wait_ms: 1 }, deadlineMs: 15_000 },
    ]);
  });

  test("starts from now where it has no place yet", async () => {
    const { calls, fleet } = fleetThatGets(answer(newest));

    const watched = await fleet.watch(INSTANCE, { record: "sensor.temp", waitMs: 0 });

    expect(watched).toEqual(ok({ changed: false, next: "e.0:9" }));
    expect(paramsOf(calls)).toEqual([
      { record: "sensor.temp", wait_ms: 0, max_samples: 1, max_bytes: 1 },
    ]);
  });

  test("takes a hole for a change", async () => {
    const gap = readResult({ gaps: [{ reason: "host_reconnected", missed: null }] });
    const { fleet } = fleetThatGets(answer(gap));

    const query = { record: "sensor.temp", after: "d.0:4", waitMs: 0 };
    expect(await fleet.watch(INSTANCE, query)).toMatchObject(ok({ changed: true }));
  });
});

test.each(["record.list", "record.get", "graph.get"] as const)(
  "why %s was refused is passed on",
  async (method) => {
    const refusal = err(failure("relay_offline", "Offline."));
    const { fleet } = fleetThatGets(refusal);
    const page = { offset: 0, limit: 1, writableOnly: false };
    const ask = {
      "record.list": () => fleet.listRecords(INSTANCE, page),
      "record.get": () => fleet.getRecord(INSTANCE, "sensor.temp"),
      "graph.get": () => fleet.graph(INSTANCE, { offset: 0, limit: 1 }),
    };

    expect(await ask[method]()).toEqual(refusal);
  },
);
