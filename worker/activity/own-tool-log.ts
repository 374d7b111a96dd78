/** The tool log of this isolate. */
import { env, waitUntil } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { cacheUses } from "../metrics/cache-uses.ts";
import { readTwice } from "../read-twice.ts";
import { teamOf } from "../team/stub.ts";
import { ToolLog } from "./tool-log.ts";

let log: ToolLog | undefined;

/** Uses the isolate's own bindings: those of a request may end with it. */
export function toolLog(): ToolLog {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the platform's own type of it is empty
  const bindings = env as unknown as Pick<Env, "TEAM">;
  log ??= new ToolLog({
    store: async (team, entries) => {
      const caches = cacheUses.take(team);
      try {
        await readTwice(async () => teamOf(bindings, team)?.noteCalls([...entries], caches));
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
