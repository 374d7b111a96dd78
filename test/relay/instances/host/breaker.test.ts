import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { Breaker, MAX_FAILURES, OPEN_MS } from "../../../../relay/instances/host/breaker.ts";

const SLOW = failure("instance_slow", "It did not answer in time.");
const REFUSED = failure("refused_by_host", "It may not be read.");

function openAt(nowMs: number): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < MAX_FAILURES; i += 1) breaker.note(SLOW, nowMs);
  return breaker;
}

describe("the breaker of an instance", () => {
  test("opens with the fifth silence in a row, and says so once", () => {
    const breaker = new Breaker();

    const opened = Array.from({ length: MAX_FAILURES + 1 }, () => breaker.note(SLOW, 0));

    expect(opened).toEqual([false, false, false, false, true, false]);
    expect(breaker.refusal(1_000)).toMatchObject({
      code: "instance_slow",
      message: expect.stringContaining("not asked for 59 s"),
      details: { retry_after_s: 59 },
    });
  });

  test("counts what is silent in a row, not refusals", () => {
    const breaker = new Breaker();
    for (let i = 0; i < 20; i += 1) breaker.note(i % MAX_FAILURES === 0 ? REFUSED : SLOW, 0);

    expect(breaker.refusal(0)).toBeUndefined();
  });

  test("lets one call try after its time, and opens again or closes with it", () => {
    const again = openAt(0);
    expect(again.refusal(OPEN_MS)).toBeUndefined();
    expect(again.refusal(OPEN_MS)).toMatchObject({ code: "instance_slow" });
    again.note(SLOW, OPEN_MS + 10);
    expect(again.refusal(2 * OPEN_MS)).toMatchObject({ details: { retry_after_s: 1 } });

    const healed = openAt(0);
    healed.refusal(OPEN_MS);
    healed.note(undefined, OPEN_MS + 10);
    expect(healed.refusal(OPEN_MS + 10)).toBeUndefined();
  });

  test("lets another call try where nothing is heard of the first", () => {
    const breaker = openAt(0);
    breaker.refusal(OPEN_MS);

    expect(breaker.refusal(2 * OPEN_MS)).toBeUndefined();
  });

  test("closes at once when the host is heard", () => {
    const breaker = openAt(0);
    breaker.close();

    expect(breaker.refusal(1)).toBeUndefined();
  });

  test("never refuses for longer than its time, whatever comes", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("slow", "ok", "ask"), fc.nat(OPEN_MS)));
    fc.assert(
      fc.property(steps, (all) => {
        const breaker = new Breaker();
        let nowMs = 0;
        for (const [step, passedMs] of all) {
          nowMs += passedMs;
          if (step === "ask") breaker.refusal(nowMs);
          else breaker.note(step === "ok" ? undefined : SLOW, nowMs);
        }
        expect(breaker.refusal(nowMs + OPEN_MS)).toBeUndefined();
      }),
    );
  });
});
