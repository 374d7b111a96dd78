import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { byteLength } from "#shared/mcp/answers/fit.ts";
import {
  presentableFailure,
  toErrorResult,
  toToolResult,
} from "#shared/mcp/answers/tool-result.ts";

test("toToolResult() says the same as text and as structure", () => {
  const output = { value: { celsius: 21.5 }, left: undefined };

  expect(toToolResult({ output })).toEqual({
    content: [{ type: "text", text: '{"value":{"celsius":21.5}}' }],
    structuredContent: output,
    isError: false,
  });
  expect(toToolResult({ output, failed: true }).isError).toBe(true);
});

test("toErrorResult() has code, message and what helps with the next step", () => {
  const reason = failure("unknown_record", "No.", { nearest: ["a"], retry_after_s: 2 });
  const message = "No. Call list_records.";

  expect(toErrorResult(reason)).toMatchObject({
    isError: true,
    structuredContent: {
      error: { code: "unknown_record", message, nearest: ["a"], retry_after_s: 2 },
    },
  });
});

describe("presentableFailure()", () => {
  test("leaves out what the failure does not say", () => {
    expect(JSON.stringify(presentableFailure(failure("busy", "Later.")))).toBe(
      '{"code":"busy","message":"Later."}',
    );
  });

  test("shows a device's texts without hidden characters", () => {
    const reason = failure("unknown_record", "\u202eNo.", {
      nearest: ["a\u200b"],
      candidates: ["b\u0000"],
      offline_since: "\u001b",
      required_scope: "\ufeff",
    });

    expect(presentableFailure(reason)).toEqual({
      code: "unknown_record",
      message: "\\u{202e}No.",
      nearest: ["a\\u{200b}"],
      candidates: ["b\\u{0}"],
      offline_since: "\\u{1b}",
      required_scope: "\\u{feff}",
    });
  });

  test("shows twenty names at most", () => {
    const candidates = Array.from({ length: 100 }, (_, i) => `gw-${i}/plant`);

    const shown = presentableFailure(failure("ambiguous_instance", "Name one.", { candidates }));

    expect(shown["candidates"]).toEqual(candidates.slice(0, 20));
  });

  test("leaves a device's details out where they are too long", () => {
    const nearest = Array.from({ length: 20 }, () => "€".repeat(300));

    const shown = presentableFailure(failure("unknown_record", "€".repeat(10_000), { nearest }));

    expect(shown["nearest"]).toBeUndefined();
    expect(byteLength(shown)).toBeLessThan(5_000);
  });
});
