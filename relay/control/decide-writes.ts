/** How the owner's requests about held writes are answered. */
import type { JsonValue } from "#shared/json.ts";
import type { DeviceWrites } from "../writes/device-writes.ts";
import { toHeldRow } from "./held-write.ts";
import type { ControlHandlers } from "./request.ts";

export function decideWrites(writes: DeviceWrites): Pick<ControlHandlers, "writes" | "decide"> {
  return {
    writes: (): Promise<JsonValue> => Promise.resolve(writes.waiting().map(toHeldRow)),
    decide: async ({ id, approve }): Promise<JsonValue> => {
      const decided = approve ? await writes.approve(id, "local") : await writes.decline(id);
      if (!decided.ok) throw new Error(decided.error.message);
      return { ...decided.value };
    },
  };
}
