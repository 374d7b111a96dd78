import { expect, test } from "vitest";
import { failure, type ErrorCode } from "#shared/failure.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";

test.each<[ErrorCode, string]>([
  ["insufficient_scope", "refused"],
  ["refused_by_device", "refused"],
  ["refused_by_host", "refused"],
  ["refused_by_team", "refused"],
  ["confirmation_required", "refused"],
  ["too_many_pending", "refused"],
  ["rate_limited", "refused"],
  ["conflict", "refused"],
  ["relay_offline", "not_applied"],
  ["journal_unavailable", "not_applied"],
  ["audit_unavailable", "not_applied"],
  ["expired", "not_applied"],
  ["unknown_record", "not_applied"],
  ["busy", "not_applied"],
])("notWritten calls a write that ended with %s %s", (code, outcome) => {
  expect(notWritten(failure(code, "Because."))).toEqual({ outcome, code, message: "Because." });
});
