/** Progress of one request, for a caller that sent a progress token. */
import type { ServerContext } from "@modelcontextprotocol/server";

/** More frequent messages cost more than they tell. */
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
    // The answer finds out a caller that is gone.
    notify({ method: "notifications/progress", params }).catch(() => {});
  };
}
