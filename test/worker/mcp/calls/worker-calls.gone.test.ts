/** Callers that went while their write's object was lost: what is logged of it is how it ended. */
import { expect, test } from "vitest";
import type { WriteReport } from "#shared/fleet/fleet.ts";
import type { Principal } from "../../../../worker/auth/principal.ts";
import type { Env } from "../../../../worker/env.ts";
import { WorkerCalls } from "../../../../worker/mcp/calls/worker-calls.ts";
import { bindings } from "../../support/worker.ts";

const RELAY = "ab".repeat(32);
const REPORT: WriteReport = {
  callId: `${RELAY}.${"12".repeat(16)}`,
  instance: "gw-1/plant",
  record: "a",
  timestamp: "2026-11-28T00:00:00.000Z",
  status: "ended",
  outcome: { outcome: "applied", record_key: "a", echo: "same" },
};

const PRINCIPAL: Principal = {
  id: "ann",
  team: "team-gone",
  scopes: ["aimdb:write"],
  rightsVersion: 1,
};

function begin(): WorkerCalls {
  const lost = async () => {
    void calls.leave();
    throw new Error("reset");
  };
  const relay = {
    write: lost,
    answerWrite: lost,
    writeReport: async () => ({ ok: true, report: REPORT }),
  };
  const objects = (object: object) => ({ idFromString: (id: string) => id, get: () => object });
  const team = { relay: () => Promise.resolve(RELAY) };
  const env = { ...bindings, RELAY: objects(relay), TEAM: objects(team) } as unknown as Env;
  const calls = new WorkerCalls(env, PRINCIPAL);
  return calls;
}

test("a write is looked up where it was asked", async () => {
  const write = {
    record: "a",
    value: 1,
    isDryRun: false,
    skipsValidation: false,
    asks: { form: false, url: false },
  } as const;

  expect(await begin().write("gw-1/plant", write)).toEqual({ ok: true, value: REPORT });
});

test("one that its person confirmed, too", async () => {
  expect(await begin().answerWrite(REPORT.callId, true)).toEqual({ ok: true, value: REPORT });
});
