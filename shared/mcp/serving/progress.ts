/** Progress of one request, for a caller who sent a token to hear of it by. */
import type { ServerContext } from "@modelcontextprotocol/server";

/** Telling more often costs more than it says. */
const MIN_INTERVAL_MS = 1_000;

type ProgressRequest = Pick<ServerContext["mcpReq"], "_meta" | "notify">;

/** Undefined without a token. `progress` counts the messages, so that it strictly increases. */
export function progressOf(
  { _meta, notify }: ProgressRequest,
  nowMs: () => number,
): ((message: string) => void) | undefined {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return (message) => {
    if (nowMs() - toldAtMs < MIN_INTERVAL_MS) return;
    toldAtMs = nowMs();
    progress += 1;
    const params = { progressToken, progress, message };
    // A caller who is gone is found out by the answer.
    notify({ method: "notifications/progress", params }).catch(() => {});
  };
}
