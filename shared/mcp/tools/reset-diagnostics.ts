import * as z from "zod/mini";
import { ok } from "../../result.ts";
import { needScope } from "../serving/need-scope.ts";
import { instanceInput, selectOneInstance, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

export const resetDiagnostics = defineTool({
  name: "reset_diagnostics",
  title: "Reset buffer metrics or stage times",
  description:
    "Resets the counters that get_diagnostics shows to 0, for one instance and everyone who reads it. No record's value changes. Useful before measuring a span of time. Needs the scope aimdb:write, a host and a device file that open every record without a confirmation, and a team policy that forbids none.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    what: z.enum(["buffer_metrics", "stage_profiling"]).check(z.describe("Which counters.")),
    instance: instanceInput,
    socket: socketInput,
  }),
  output: z.looseObject({ instance: z.string(), reset: z.boolean(), what: z.string() }),
  run: async ({ what, instance, socket }, { fleet }) => {
    const allowed = needScope(fleet, "aimdb:write");
    if (!allowed.ok) return allowed;
    const selected = await selectOneInstance(fleet, { instance, socket });
    if (!selected.ok) return selected;
    const reset = await fleet.resetDiagnostics(selected.value, { what });
    return reset.ok ? ok({ output: { instance: selected.value, reset: true, what } }) : reset;
  },
});
