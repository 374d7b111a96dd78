/**
 * `npm run soak -- --minutes N [--line 64kbit,600ms]`: worker and relay under load, and whether their memory grows. Ends with 1
 * where it does, where a call failed, or where, over a line, a promise of `test/faults/ledger.ts` was broken.
 */
import { parseArgs } from "node:util";
import { endStartedOnSignal } from "../support/processes/started.ts";
import { parseLine } from "./line.ts";
import { MIN_NARROW_MINUTES, soakOverLine } from "./over-line.ts";
import { MIN_STEADY_MINUTES, soakSteadily } from "./steady.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, line: { type: "string" } },
});
const minutes = Number(values.minutes);
const line = values.line === undefined ? undefined : parseLine(values.line);
if (values.line !== undefined && line === undefined) {
  throw new Error("--line must be such as 64kbit,600ms, each way; one of the two may be left out.");
}
const atLeast = line === undefined ? MIN_STEADY_MINUTES : MIN_NARROW_MINUTES;
if (!(minutes >= atLeast)) {
  throw new Error(`--minutes must be ${atLeast} or more: what is bounded fills first.`);
}
endStartedOnSignal();
const totalMs = minutes * 60_000;
const isWell = await (line === undefined ? soakSteadily(totalMs) : soakOverLine(line, totalMs));
process.exitCode = isWell ? 0 : 1;
