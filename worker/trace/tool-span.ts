/** A tool call that has ended, as a step of its trace. */
import type { SpanQueue } from "#shared/trace/span-queue.ts";
import type { EndedCall } from "../activity/tool-entry.ts";
import type { Principal } from "../auth/principal.ts";

/** Attributes by OpenTelemetry's conventions for MCP; the team's log has the rest under the same call id. */
export function noteToolSpan(
  spans: SpanQueue | undefined,
  { trace }: Principal,
  { team, entry, startedAtMs }: EndedCall & { readonly startedAtMs: number },
): void {
  if (spans === undefined || trace === undefined) return;
  const tool = entry.action.replace(/^tool\./, "");
  spans.note({
    context: trace,
    parentSpanId: trace.parentSpanId,
    name: `tools/call ${tool}`,
    kind: "server",
    startedAtMs,
    endedAtMs: entry.at_ms,
    attributes: {
      "mcp.method.name": "tools/call",
      "gen_ai.tool.name": tool,
      "aimdb.team": team,
      "aimdb.call_id": entry.call_id,
    },
    outcome: entry.outcome,
  });
}
