import { describe, expect, test } from "vitest";
import { progressOf } from "#shared/mcp/serving/progress.ts";

function told(_meta?: { progressToken?: string | number }) {
  const sent: unknown[] = [];
  const clock = { nowMs: 0 };
  const notify = async (notification: unknown) => {
    sent.push(notification);
  };
  const request = _meta === undefined ? { notify } : { _meta, notify };
  return { sent, clock, progress: progressOf(request, () => clock.nowMs) };
}

describe("progressOf()", () => {
  test("tells nobody who did not ask", () => {
    expect(told().progress).toBeUndefined();
    expect(told({}).progress).toBeUndefined();
  });

  test.each(["token", 0])("counts what it tells by the token %j", (progressToken) => {
    const { sent, clock, progress } = told({ progressToken });

    progress?.("a");
    clock.nowMs = 1_000;
    progress?.("b");

    expect(sent).toEqual([
      {
        method: "notifications/progress",
        params: { progressToken, progress: 1, message: "a" },
      },
      {
        method: "notifications/progress",
        params: { progressToken, progress: 2, message: "b" },
      },
    ]);
  });

  test("tells no more than once a second", () => {
    const { sent, clock, progress } = told({ progressToken: 1 });

    for (clock.nowMs = 0; clock.nowMs < 3_000; clock.nowMs += 100) progress?.("a");

    expect(sent).toHaveLength(3);
  });

  test("does not mind a caller who is gone", async () => {
    const notify = () => Promise.reject(new Error("closed"));
    const progress = progressOf({ _meta: { progressToken: 1 }, notify }, () => 0);

    expect(() => progress?.("a")).not.toThrow();
    await new Promise(setImmediate);
  });
});
