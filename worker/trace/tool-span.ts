/** A client's call that has ended, as a step of its trace. */
import type { SpanQueue } from "#shared/trace/span-queue.ts";
import type { EndedCall } from "../activity/tool-entry.ts";
import type { Principal } from "../auth/principal.ts";

/** Attributes by OpenTelemetry's conventions for MCP; the team's log has the rest under the same call id. */
export function noteToolSpan(
  spans: Pick<SpanQueue, "note"> | undefined,
  { trace }: Pick<Principal, "trace">,
  { team, entry, startedAtMs }: EndedCall & { readonly startedAtMs: number },
): void {
  if (spans === undefined || trace === undefined) return;
  const { method, name, attribute } = stepOf(entry.action);
  spans.note({
    context: trace,
    parentSpanId: trace.parentSpanId,
    name: name === "" ? method : `${method} ${name}`,
    kind: "server",
    startedAtMs,
    endedAtMs: entry.at_ms,
    attributes: {
      "mcp.method.name": method,
      ...(name === "" ? {} : { [attribute]: name }),
      "aimdb.team": team,
      "aimdb.call_id": entry.call_id,
    },
    outcome: entry.outcome,
  });
}

/** For actions with this prefix; the rest is a name. */
const NAMED = {
  tool: { method: "tools/call", attribute: "gen_ai.tool.name" },
  prompt: { method: "prompts/get", attribute: "gen_ai.prompt.name" },
} as const;

const METHODS: Readonly<Record<string, string>> = {
  "resource.list": "resources/list",
  "resource.listen": "subscriptions/listen",
  completion: "completion/complete",
};

function stepOf(action: string): { method: string; name: string; attribute: string } {
  const kind = action.startsWith("tool.") ? "tool" : "prompt";
  return action.startsWith(`${kind}.`)
    ? { ...NAMED[kind], name: action.slice(kind.length + 1) }
    : { method: METHODS[action] ?? "resources/read", name: "", attribute: "" };
}
