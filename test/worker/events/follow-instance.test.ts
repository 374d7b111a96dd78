import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import { err, ok } from "#shared/result.ts";
import {
  followInstance,
  type Answered,
  type FollowParts,
} from "../../../worker/events/follow-instance.ts";
import { followed, type Told } from "../../../worker/events/followed-record.ts";
import { readResult, sample } from "../../support/link/link-samples.ts";

type Answer = Awaited<ReturnType<FollowParts["ask"]>>;
type Entries = MethodResult<"samples.watch">["entries"];

const at = (sequence: number) => ({ epoch: "p.0", sequence });

/** Answers in turn; after the last one it is over. */
function follow(
  records: Parameters<typeof followInstance>[0],
  answers: readonly Answer[],
  isWoken = false,
) {
  const asked: Params<"samples.watch">[] = [];
  const told: Told[] = [];
  const waits: number[] = [];
  let nowMs = 0;
  const done = followInstance(records, {
    ask: async (params) => {
      asked.push(params);
      return answers[asked.length - 1] ?? answered([]);
    },
    tell: async (some) => void told.push(...some),
    wait: async (ms) => {
      waits.push(ms);
      nowMs += ms;
      return isWoken ? "woken" : "over";
    },
    isOver: () => asked.length > answers.length,
    nowMs: () => nowMs,
  });
  return { done, asked, told, waits };
}

function answered(entries: Entries): Answer {
  const value: Answered = { watched: { entries, more: false }, sessionStartedAtMs: 1_000 };
  return ok(value);
}

function read(record: string, ...sequences: number[]): Entries[number] {
  const samples = sequences.map((sequence) => sample(at(sequence)));
  return { record, ok: readResult({ samples, cursor: at(sequences.at(-1) ?? 0) }) };
}

function fresh(
  record: string,
  place = 0,
  cursor: { epoch: string; sequence: number } | null = null,
) {
  return followed({ place, instance: "gw/a", record, cursor: cursor ?? undefined });
}

const OFFLINE: Answer = err(failure("relay_offline", "The relay has no link."));

describe("followInstance()", () => {
  test("starts with the newest sample and continues after it", async () => {
    const standing = { record: "r", ok: readResult({ cursor: at(5) }) };
    const followedOne = follow([fresh("r")], [answered([standing]), answered([read("r", 5, 6)])]);
    await followedOne.done;

    expect(followedOne.asked.map(({ records }) => records)).toEqual([
      [{ record: "r" }],
      [{ record: "r", after: at(4) }],
      [{ record: "r", after: at(6) }],
    ]);
    expect(followedOne.told).toMatchObject([
      { event: "sample", reached: { place: 0, cursor: at(5) } },
      { event: "sample", reached: { place: 0, cursor: at(6) } },
    ]);
    expect(followedOne.waits).toEqual([]);
  });

  test("continues after the cursor that a reader brings", async () => {
    const { done, asked } = follow([fresh("r", 0, at(7))], []);
    await done;

    expect(asked[0]).toMatchObject({ records: [{ record: "r", after: at(7) }], wait_ms: 20_000 });
  });

  test("asks those that had news after the others", async () => {
    const records = ["a", "b", "c"].map((record, place) => fresh(record, place, at(0)));
    const { done, asked } = follow(records, [answered([read("a", 1)]), answered([read("b", 1)])]);
    await done;

    expect(asked.map((params) => params.records.map(({ record }) => record))).toEqual([
      ["a", "b", "c"],
      ["b", "c", "a"],
      ["c", "a", "b"],
    ]);
  });

  test("says once that a relay is away, asks less and less often, and says that it is back", async () => {
    const { done, told, waits } = follow(
      [fresh("r", 0, at(0))],
      [...Array.from({ length: 7 }, () => OFFLINE), answered([read("r", 1)])],
    );
    await done;

    expect(told.map(({ event }) => event)).toEqual(["unavailable", "available", "sample"]);
    expect(told[0]?.data).toMatchObject({ instance: "gw/a", record: "r", code: "relay_offline" });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  test.each([
    { retry_after_s: 40, waitMs: 40_000 },
    { retry_after_s: 86_400, waitMs: 300_000 },
  ])(
    "waits as long as a device asks, and some minutes at most: $retry_after_s s [U-6]",
    async ({ retry_after_s, waitMs }) => {
      const refused = err(failure("rate_limited", "Used up.", { retry_after_s }));
      const { done, waits } = follow([fresh("r", 0, at(0))], [refused, refused]);
      await done;

      expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(2 * waitMs);
    },
  );

  test("asks at once, whatever wait a device asked for, if it hears of a change [U-6]", async () => {
    const refused = err(failure("rate_limited", "Used up.", { retry_after_s: 86_400 }));
    const { done, waits } = follow([fresh("r", 0, at(0))], [refused, refused], true);
    await done;

    expect(waits).toHaveLength(2);
  });

  test("continues with the others if one record can't be read", async () => {
    const records = [fresh("a", 0, at(0)), fresh("none", 1, at(0))];
    const none = { record: "none", err: "unknown_record", message: "None." } as const;
    const { done, asked, told } = follow(records, [answered([none]), answered([read("a", 1)])]);
    await done;

    expect(asked[1]).toMatchObject({ records: [{ record: "a" }], wait_ms: 1_000 });
    expect(told.map(({ event }) => event)).toEqual(["unavailable", "sample"]);
  });
});
