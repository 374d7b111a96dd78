/** How the owner's requests about held writes are answered. */
import type { JsonValue } from "#shared/json/json.ts";
import { ok } from "#shared/result.ts";
import { failure } from "#shared/failure.ts";
import type { Clock } from "../clock.ts";
import type { DeviceWrites } from "../writes/device-writes.ts";
import { waitUntilSettled } from "../wait-until.ts";
import { toHeldRow } from "./held-write.ts";
import { DECIDED_WITHIN_MS, type ControlHandlers } from "./request.ts";

type Decided = Awaited<ReturnType<DeviceWrites["approve"]>>;

export function decideWrites(
  writes: Pick<DeviceWrites, "waiting" | "approve" | "decline">,
  clock: Clock,
): Pick<ControlHandlers, "writes" | "decide"> {
  return {
    writes: (): Promise<JsonValue> => Promise.resolve(writes.waiting().map(toHeldRow)),
    decide: async ({ id, approve }): Promise<JsonValue> => {
      const decided = approve
        ? await inTime(writes.approve(id, "local"), clock)
        : await writes.decline(id);
      if (!decided.ok) throw new Error(decided.error.message);
      return { ...decided.value };
    },
  };
}

async function inTime(approving: Promise<Decided>, clock: Clock): Promise<Decided> {
  const over = waitUntilSettled(approving, { clock, waitMs: DECIDED_WITHIN_MS });
  return Promise.race([approving, over.then(() => UNDER_WAY)]);
}

const UNDER_WAY: Decided = ok({
  outcome: "unknown",
  ...failure(
    "instance_slow",
    "It is approved, and the write is still under way. Read the record to see what became of it.",
  ),
});
