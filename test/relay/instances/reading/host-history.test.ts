import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { REQUEST_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import { HostConnection } from "../../../../relay/instances/host/host-connection.ts";
import {
  HostHistoryReader,
  type WallSpan,
} from "../../../../relay/instances/reading/host-history.ts";
import { NewestSamples } from "../../../../relay/instances/reading/history-points.ts";
import { IdleLane } from "../../../../relay/instances/host/idle-lane.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { rowOf } from "../../support/host-side/builders.ts";
import {
  METHOD_NOT_FOUND,
  startPlainHost,
  type PlainAnswer,
} from "../../support/host-side/scripted-socket.ts";
import { turns, until } from "../../support/until.ts";

interface Row {
  readonly record: string;
  readonly value: number;
  readonly stored_at: number;
}

const row = (value: number, stored_at: number, record = "a"): Row => ({ record, value, stored_at });

interface Query {
  readonly name: string;
  readonly limit: number;
  readonly start?: number;
  readonly end?: number;
}

/** An AimX 1 host whose persistence answers as told. */
async function begin(answer: (query: Query) => PlainAnswer) {
  const queries: Query[] = [];
  const host = await startPlainHost(({ params }) => {
    const query = params as unknown as Query;
    queries.push(query);
    return answer(query);
  });
  const clock = new ManualClock();
  const { socketPath } = host;
  const open = () =>
    HostConnection.open({ socketPath, connect: connectHost, clock, timeoutMs: 5_000 });
  const lane = new IdleLane({ open, clock });
  const reader = new HostHistoryReader({ lane, clock });
  const read = async (
    span: WallSpan = {},
    maxRows = 1_000,
    signal = new AbortController().signal,
  ) => {
    const sink = new NewestSamples({ maxPoints: 1_000_000, maxBytes: 1e9 });
    const call = { key: "a", span, epoch: "p.0", maxRows, signal };
    const result = await reader.read(call, sink);
    return { result, values: sink.oldestFirst().map(({ value }) => value) };
  };
  return { host, clock, lane, reader, read, queries };
}

/** As SQLite does it: the newest of the span, as many as asked for. */
function stored(rows: readonly Row[]) {
  return ({ limit, start = 0, end = Number.POSITIVE_INFINITY }: Query): PlainAnswer => {
    const inside = rows.filter(({ stored_at }) => stored_at >= start && stored_at <= end);
    const values = inside.toSorted((a, b) => b.stored_at - a.stored_at).slice(0, limit);
    return { result: { values, count: values.length } };
  };
}

/** No more of one millisecond than the smallest answer has room for, and one. */
function inMilliseconds(times: readonly number[]): Row[] {
  const counts = new Map<number, number>();
  const few = times.filter((time) => {
    const count = counts.get(time) ?? 0;
    counts.set(time, count + 1);
    return count < 7;
  });
  return few.toSorted(byNumber).map((time, n) => row(n, time));
}

const byNumber = (a: number, b: number) => a - b;

/** One host for many answers. */
async function beginChanging() {
  let answer: (query: Query) => PlainAnswer = () => undefined;
  const begun = await begin((query) => answer(query));
  const answerWith = (next: typeof answer) => {
    answer = next;
  };
  return { ...begun, answerWith };
}

const ascending = (count: number) => Array.from({ length: count }, (_, n) => row(n, 10 * n));

describe("HostHistoryReader", () => {
  test("reads everything though one answer has a part of it", async () => {
    const { read, queries, clock } = await begin(stored(ascending(2_345)));
    const { result, values } = await read({}, Number.POSITIVE_INFINITY);
    expect(values).toEqual(ascending(2_345).map(({ value }) => value));
    expect(result).toEqual({
      ok: true,
      value: { count: 2_345, isWhole: true, oldestAtMs: clock.monotonicMs() - clock.wallMs() },
    });
    expect(queries.every(({ limit }) => limit <= 1_000)).toBe(true);
  });

  test("has exactly what is stored in any span, whatever one answer has", async () => {
    const { read, answerWith } = await beginChanging();
    const times = fc.array(fc.nat(40), { maxLength: 60 });
    const span = fc.record({ startMs: fc.nat(40), length: fc.nat(40) });
    await fc.assert(
      fc.asyncProperty(times, span, fc.integer({ min: 8, max: 100 }), async (times, span, page) => {
        const rows = inMilliseconds(times);
        answerWith(stored(rows));
        const { startMs, length } = span;
        const endMs = startMs + length;
        const { values } = await read({ startMs, endMs }, page);
        const inside = rows.filter((one) => one.stored_at >= startMs && one.stored_at <= endMs);
        expect(values.map(Number).toSorted(byNumber)).toEqual(inside.map(({ value }) => value));
      }),
      { numRuns: 60 },
    );
  });

  test("loses and repeats none where an answer ends amid values of one millisecond", async () => {
    const rows = Array.from({ length: 100 }, (_, n) => row(n, Math.floor(n / 7)));
    const { read } = await begin(stored(rows));
    const { values } = await read({}, 10);
    expect(values.map(Number).toSorted((a, b) => a - b)).toEqual(rows.map(({ value }) => value));
  });

  test("ends where more values are of one millisecond than one answer has", async () => {
    const rows = Array.from({ length: 30 }, (_, n) => row(n, 5));
    const { read } = await begin(stored(rows));
    expect((await read({}, 10)).values).toHaveLength(10);
  });

  test("takes nothing of another record, and no time that is none", async () => {
    const rows = [row(1, 1), row(2, 2, "ab"), row(3, -3), row(4, 1e300)];
    const { read } = await begin(() => ({ result: { values: rows, count: rows.length } }));
    expect((await read()).values).toEqual([1]);
  });

  test("does not go on where a host passes over the limit", async () => {
    const { read, queries } = await begin(() => ({ result: { values: ascending(50) } }));
    const { result } = await read({}, 10);
    expect(result).toMatchObject({ value: { count: 50, isWhole: true } });
    expect(queries).toHaveLength(1);
  });

  test("asks for what is before and behind an empty span, to know if it is stored at all [Q-11]", async () => {
    const { read, queries } = await begin(stored([row(1, 10)]));
    expect(await read({ startMs: 20, endMs: 30 })).toMatchObject({
      result: { ok: true, value: { count: 0, isWhole: true } },
    });
    expect(queries).toMatchObject([
      { start: 20, end: 30 },
      { end: 19, limit: 1 },
    ]);
    expect(await read({ startMs: 0, endMs: 5 })).toMatchObject({ result: { ok: true } });
    const nothing = await begin(stored([]));
    expect(await nothing.read({ startMs: 20, endMs: 30 })).toMatchObject({
      result: { ok: false, error: "The host's persistence holds nothing of this record." },
    });
  });

  test.each<[string, PlainAnswer, RegExp, string]>([
    [
      "not configured",
      { error: { code: "not_configured", message: "no" } },
      /built without persistence/,
      "absent",
    ],
    ["unknown to it", METHOD_NOT_FOUND, /does not have the operation/, "absent"],
    ["failing", { error: { code: "query_error", message: "disk" } }, /failed.*disk/, "unknown"],
    ["of another form", { result: 7 }, /no known AimX version/, "unknown"],
  ])("says why where the host's persistence is %s", async (_name, answer, reason, persistence) => {
    const { read, reader } = await begin(() => answer);
    const { result } = await read();
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(reason) });
    expect(reader.persistence).toBe(persistence);
  });

  test("gives what it has where a later query fails", async () => {
    const answer = stored(ascending(30));
    let count = 0;
    const { read } = await begin((query) => {
      count += 1;
      return count > 1 ? METHOD_NOT_FOUND : answer(query);
    });
    const { result, values } = await read({}, 10);
    expect(values).toHaveLength(9);
    expect(result).toMatchObject({ ok: true, value: { isWhole: false } });
  });

  test("gives each query a host's own time, and gives up in time, whoever stands before it", async () => {
    const { read, clock, queries } = await begin(() => undefined);
    const reads = [read(), read(), read()];
    await until("the query", () => queries.length === 1);
    clock.advance(REQUEST_TIMEOUT_MS);
    expect((await reads[0])?.result).toMatchObject({ error: expect.stringContaining("in time") });
    await until("the next one's", () => queries.length === 2);
    clock.advance(REQUEST_TIMEOUT_MS);
    expect((await reads[1])?.result).toMatchObject({ error: expect.stringContaining("in time") });
    expect((await reads[2])?.result).toMatchObject({ error: expect.stringContaining("busy") });
    expect(queries).toHaveLength(2);
  });

  test("asks no further when nobody waits any more", async () => {
    const ending = new AbortController();
    const answer = stored(ascending(100));
    const { read, queries } = await begin((query) => {
      ending.abort();
      return answer(query);
    });
    expect((await read({}, 10, ending.signal)).result).toMatchObject({ value: { isWhole: false } });
    expect(queries).toHaveLength(1);
  });

  test("asks for less where an answer is too long for a line", async () => {
    const long = "x".repeat(100_000);
    const rows = Array.from({ length: 60 }, (_, n) => ({ ...row(n, n), value: `${n}${long}` }));
    const { read, queries } = await begin(stored(rows as unknown as Row[]));
    const { result } = await read({}, Number.POSITIVE_INFINITY);
    expect(result).toMatchObject({ value: { count: 60, isWhole: true } });
    expect(queries.map(({ limit }) => limit).slice(0, 3)).toEqual([1_000, 100, 10]);
  });
});

describe("HostHistoryReader.probe", () => {
  test("learns of persistence by a query that finds nothing, and leaves the host", async () => {
    const { reader, clock, queries, lane } = await begin(stored(ascending(9)));
    expect(await reader.probe([rowOf("*"), rowOf("a")])).toBe("present");
    expect(queries).toEqual([{ name: "a", limit: 1, start: 0, end: 0 }]);
    lane.close();
    await turns();
    expect(clock.timerCount).toBe(0);
  });

  test("takes for absent what a host can't be asked for", async () => {
    const { reader, queries } = await begin(stored([]));
    expect(await reader.probe([rowOf("*")])).toBe("absent");
    expect(await reader.probe([])).toBe("absent");
    expect(queries).toEqual([]);
  });
});
