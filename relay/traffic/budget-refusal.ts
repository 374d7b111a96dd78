/** What a caller is told if a budget has nothing left for it. */
import { failure, type Failure } from "#shared/failure.ts";
import { showByteSize } from "../byte-size.ts";
import type { Budget, Purpose } from "./budget.ts";

/** `rate_limited`, since the device's file limits the call, and the budget opens again. */
export function budgetRefusal(
  { period, limit, used, endMs }: Budget,
  purpose: Purpose,
  wallMs: number,
): Failure {
  const of = `${showByteSize(limit)} ${A[period]} (link_budget_per_${period})`;
  const opens = new Date(endMs).toISOString().replace(".000", "");
  return failure(
    "rate_limited",
    `This device pays for its link and lets ${of} pass, of which ${showByteSize(used)} are used. ${LEFT[purpose]} It opens again at ${opens}.`,
    { retry_after_s: Math.max(1, Math.ceil((endMs - wallMs) / 1_000)) },
  );
}

const A = { hour: "an hour", month: "a month" } as const;

const LEFT: Readonly<Record<Purpose, string>> = {
  samples: "The rest is for questions: read single records (get_record).",
  lists: "The rest is for single reads and writes: read one record (get_record).",
  reads: "The rest is for writes.",
  always: "",
};
