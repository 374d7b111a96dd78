import { describe, expect, test } from "vitest";
import { CLOSE_CODES, type CloseName } from "#shared/link/close-code.ts";
import { afterClose, afterDialFailure } from "../../../relay/link/next-step.ts";

type Status = Extract<Parameters<typeof afterDialFailure>[0], { type: "status" }>;

function answered(status: number, more: Partial<Status> = {}) {
  const nothing = { refusal: undefined, retryAfterMs: undefined, serverTimeMs: undefined };
  return afterDialFailure({ type: "status", status, ...nothing, ...more });
}

describe("afterDialFailure", () => {
  test("tries again where the worker can't be reached, and says why", () => {
    expect(afterDialFailure({ type: "unreachable", reason: "connect ECONNREFUSED" })).toEqual({
      type: "retry",
      floorMs: 0,
      why: "connect ECONNREFUSED",
    });
  });

  test.each([200, 302, 401, 403, 404, 410, 421, 426, 429, 500, 502, 503])(
    "tries again after %d that is not in a worker's words, as a proxy's [W-1]",
    (status) => {
      expect(answered(status)).toEqual({
        type: "retry",
        floorMs: 0,
        why: `the dial was answered ${status}, not in a worker's words`,
      });
    },
  );

  test.each([
    [403, "unauthorized"],
    [421, "wrong_host"],
    [423, "suspended"],
    [426, "upgrade_required"],
    [503, "unauthorized"],
  ])("tries again after %d %s of the worker [W-1]", (status, refusal) => {
    expect(answered(status, { refusal })).toEqual({
      type: "retry",
      floorMs: 0,
      why: `the worker answered ${status} (${refusal})`,
    });
  });

  test.each([423, 429, 503])("waits after %d as long as the worker says", (status) => {
    expect(answered(status, { retryAfterMs: 60_000 })).toMatchObject({ floorMs: 60_000 });
  });

  test.each([
    [401, "unauthorized", /Enroll the relay again/],
    [410, "revoked", /was revoked/],
  ])("stops after %d %s, with advice [W-1]", (status, refusal, advice) => {
    expect(answered(status, { refusal, retryAfterMs: 1_000 })).toEqual({
      type: "stop",
      advice: expect.stringMatching(advice),
    });
  });

  test("sets the clock where the worker refused only that", () => {
    expect(answered(401, { serverTimeMs: 7 })).toEqual({
      type: "retry_with_clock",
      serverTimeMs: 7,
    });
  });

  test("takes a time for nothing where the status is another", () => {
    expect(answered(403, { serverTimeMs: 7 })).toMatchObject({ type: "retry" });
    expect(answered(500, { serverTimeMs: 7 })).toMatchObject({ type: "retry" });
  });
});

describe("afterClose", () => {
  const steps: Record<CloseName, object> = {
    normal: { type: "retry", floorMs: 0 },
    going_away: { type: "retry", floorMs: 0 },
    protocol_error: { type: "retry", floorMs: 0 },
    greeting_timeout: { type: "retry", floorMs: 0 },
    frame_too_large: { type: "retry", floorMs: 0 },
    replaced: { type: "retry", floorMs: 30_000 },
    suspended: { type: "retry", floorMs: 30_000 },
    slow_down: { type: "retry", floorMs: 30_000 },
    unauthorized: { type: "stop", advice: CLOSE_CODES.unauthorized.advice },
    revoked: { type: "stop", advice: CLOSE_CODES.revoked.advice },
    unsupported_version: { type: "stop", advice: CLOSE_CODES.unsupported_version.advice },
  };

  test.each(Object.entries(steps))("with %s goes on as %j", (name, step) => {
    expect(afterClose(CLOSE_CODES[name as CloseName].code)).toMatchObject(step);
  });

  test("with any code that is not in the list tries again [C-4]", () => {
    const known = new Set<number>(Object.values(CLOSE_CODES).map(({ code }) => code));
    const others = Array.from({ length: 4_000 }, (_, i) => 1_000 + i).filter((c) => !known.has(c));

    const steps = others.map((code) => ({ code, next: afterClose(code) }));

    expect(others.length).toBe(4_000 - known.size);
    expect(steps.filter(({ next }) => next.type !== "retry" || next.floorMs > 0)).toEqual([]);
  });

  test.each([1005, 1006, 1009, 1011, 4999])("with %d tries again [C-4]", (code) => {
    expect(afterClose(code)).toEqual({
      type: "retry",
      floorMs: 0,
      why: `the link broke (${code})`,
    });
  });
});
