/** The tool log of this isolate. */
import { waitUntil } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { cacheUses } from "../metrics/cache-uses.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import { ToolLog } from "./tool-log.ts";

let log: ToolLog | undefined;

/** An isolate has one environment. */
export function toolLogOf(env: Pick<Env, "TEAM">): ToolLog {
  log ??= new ToolLog({
    store: async (team, entries) => {
      const caches = cacheUses.take(team);
      try {
        await readTwice(async () => teamOf(env, team)?.noteCalls([...entries], caches));
      } catch (error) {
        cacheUses.putBack(team, caches);
        throw error;
      }
    },
    wait: (ms) => scheduler.wait(ms),
    hold: waitUntil,
    onLost: (team, count, error) =>
      logEvent("error", "activity_lost", { team, count, reason: String(error) }),
  });
  return log;
}
