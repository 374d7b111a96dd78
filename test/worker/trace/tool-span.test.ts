import { expect, test } from "vitest";
import type { Span } from "#shared/trace/span.ts";
import type { SpanQueue } from "#shared/trace/span-queue.ts";
import { noteToolSpan } from "../../../worker/trace/tool-span.ts";

const TRACE = { traceId: "a".repeat(32), spanId: "b".repeat(16), isSampled: true };

test.each([
  ["tool.get_record", "tools/call get_record", "tools/call"],
  ["prompt.debug_record", "prompts/get debug_record", "prompts/get"],
  ["resource.read", "resources/read", "resources/read"],
  ["resource.list", "resources/list", "resources/list"],
  ["resource.listen", "subscriptions/listen", "subscriptions/listen"],
  ["completion", "completion/complete", "completion/complete"],
])("%s is the step %s", (action, name, method) => {
  const noted: Span[] = [];
  const spans: Pick<SpanQueue, "note"> = { note: (span) => noted.push(span) };
  const entry = { principal: "p", call_id: "c", outcome: "ok", at_ms: 5, duration_ms: 1, action };
  noteToolSpan(spans, { trace: TRACE }, { team: "t", input: "{}", entry, startedAtMs: 4 });

  expect(noted).toMatchObject([{ name, attributes: { "mcp.method.name": method } }]);
});
