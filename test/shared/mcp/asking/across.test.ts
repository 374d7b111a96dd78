import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { askAcross, type Target } from "#shared/mcp/asking/across.ts";
import { byteLength } from "#shared/mcp/answers/fit.ts";
import { MAX_TARGETS } from "#shared/mcp/limits.ts";
import { err, ok } from "#shared/result.ts";

const DOWN = failure("instance_down", "The process is gone.", { retry_after_s: 1 });

const FOREIGN = failure("unknown_record", "This instance has no such record.");

function ids(count: number): [string, ...string[]] {
  const [first = "", ...rest] = Array.from({ length: count }, (_, i) => `gw-${i}/plant`);
  return [first, ...rest];
}

async function across(count: number, ask: (target: Target) => object, maxBytes?: number) {
  const targets: Target[] = [];
  const result = await askAcross(ids(count), {
    maxBytes,
    minShareBytes: 600,
    ask: async (target) => {
      targets.push(target);
      const answer = ask(target);
      const refusal = [DOWN, FOREIGN].find((one) => one === answer);
      return refusal === undefined ? ok({ ...answer }) : err(refusal);
    },
  });
  return {
    targets,
    result,
    output: result.ok ? JSON.parse(JSON.stringify(result.value.output)) : {},
  };
}

describe("askAcross()", () => {
  test("puts the answer of an only instance at the top level", async () => {
    const { output, targets } = await across(1, () => ({ value: 5 }));

    expect(output).toEqual({ instance: "gw-0/plant", value: 5 });
    expect(targets).toMatchObject([{ isOnly: true }]);
    expect(targets[0]?.maxBytes).toBeGreaterThan(9_900);
  });

  test("passes on the refusal of an only instance as it is", async () => {
    expect((await across(1, () => DOWN)).result).toEqual({ ok: false, error: DOWN });
  });

  test("gives the answers of several in their order", async () => {
    const { output } = await across(3, ({ instance }) => ({ value: instance }));

    expect(output).toEqual({
      results: ids(3).map((id) => ({ instance: id, value: id })),
      failed: [],
      complete: true,
    });
  });

  test("names what failed beside what came", async () => {
    const { output } = await across(2, ({ instance }) =>
      instance.startsWith("gw-1") ? DOWN : { value: 1 },
    );

    expect(output).toEqual({
      results: [{ instance: "gw-0/plant", value: 1 }],
      failed: [{ instance: "gw-1/plant", code: "instance_down", message: DOWN.message }],
      complete: false,
    });
  });

  test.each([
    { complete: false },
    { next_cursor: "2" },
    { not_shown: 3 },
    { total_is: "at_least" },
  ])("is not complete where one of the answers is not: %j", async (part) => {
    const { output } = await across(2, ({ instance }) =>
      instance.startsWith("gw-1") ? part : { complete: true, next_cursor: null, not_shown: 0 },
    );

    expect(output).toMatchObject({ results: [{}, part], failed: [], complete: false });
  });

  test("leaves out instances that don't have the record where others do", async () => {
    const { output } = await across(3, ({ instance }) =>
      instance.startsWith("gw-1") ? FOREIGN : { value: 1 },
    );

    expect(output).toMatchObject({
      results: [{ instance: "gw-0/plant" }, { instance: "gw-2/plant" }],
      failed: [],
      complete: true,
    });
    expect(output).not.toHaveProperty("left_out");
  });

  test("says once that none of them has it, and what is nearest in any", async () => {
    const nearestIn = (name: string) =>
      failure("unknown_record", "None.", { nearest: [name, "c"] });
    const result = await askAcross(ids(3), {
      maxBytes: undefined,
      minShareBytes: 600,
      ask: async ({ instance }) => err(nearestIn(instance.startsWith("gw-1") ? "a" : "b")),
    });

    expect(result).toEqual({
      ok: false,
      error: failure(
        "unknown_record",
        "None of the 3 instances that were asked has this record. Nearest: b, c, a.",
        { nearest: ["b", "c", "a"] },
      ),
    });
  });

  test("fails where all fail, with each reason", async () => {
    const { result } = await across(2, () => DOWN);

    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "instance_down",
        message:
          "None of the 2 instances gave it. gw-0/plant: The process is gone. gw-1/plant: The process is gone.",
      },
    });
  });

  test("names the first reasons where many fail", async () => {
    const { result } = await across(30, () => DOWN);

    expect(result.ok || result.error.message).toMatch(/gw-4\/plant: [^:]* And 25 more\.$/);
  });

  test("asks fifty at most and says how many it left out", async () => {
    const { output, targets } = await across(60, () => ({ value: 1 }), 48_000);

    expect(targets).toHaveLength(MAX_TARGETS);
    expect(output.results).toHaveLength(MAX_TARGETS);
    expect(output).toMatchObject({ complete: false, left_out: 10, next: expect.any(String) });
  });

  test("shows as many as fit", async () => {
    const { output } = await across(40, () => ({ value: "x".repeat(400) }));

    expect(output.results.length).toBeGreaterThan(15);
    expect(output).toMatchObject({ complete: false, left_out: 40 - output.results.length });
    expect(byteLength(output)).toBeLessThanOrEqual(10_000);
  });

  test("gives each its share", async () => {
    const { targets } = await across(4, () => ({}), 20_000);

    for (const { maxBytes, isOnly } of targets) {
      expect(isOnly).toBe(false);
      expect(maxBytes).toBeGreaterThan(4_800);
      expect(maxBytes).toBeLessThan(5_000);
    }
  });

  test("shows a device's message short and without hidden characters", async () => {
    const long = failure("instance_down", `\u202e${"€".repeat(5_000)}`);
    const result = await askAcross(ids(2), {
      maxBytes: undefined,
      minShareBytes: 600,
      ask: async ({ instance }) => (instance.startsWith("gw-0") ? ok({}) : err(long)),
    });

    const failed = result.ok ? JSON.stringify(result.value.output["failed"]) : "";
    expect(failed).toContain("\\\\u{202e}€");
    expect(Buffer.byteLength(failed)).toBeLessThan(500);
  });
});
