/** What a tool says of a write, at any stage. */
import type { AwaitingWrite, CheckedWrite, WriteReport } from "../../fleet/fleet.ts";
import type { EndedOutcome } from "../../link/methods/record-set.ts";
import type { JsonObject, JsonValue } from "../../json/json.ts";
import { fittingText } from "./fit.ts";
import { presentable, presentableText } from "./presentable.ts";
import { withRecovery } from "./recovery.ts";
import { presentableKey } from "../asking/record-name.ts";
import { presentableFailure } from "./tool-result.ts";
import type { ToolOutput } from "../tool.ts";

type Previous = NonNullable<Extract<EndedOutcome, { outcome: "applied" }>["previous"]>;

/** A value beside other things; the whole one is a get_record away. */
const MAX_VALUE_BYTES = 2_000;

export function toWriteOutput(report: WriteReport): ToolOutput {
  const head = {
    instance: report.instance,
    record_name: presentableKey(report.record),
    call_id: report.callId,
    timestamp: report.timestamp,
  };
  switch (report.status) {
    case "ended":
      return ended(head, report.outcome);
    case "awaiting_confirmation":
      return report.by === "device"
        ? { failed: true, output: { ...awaiting(head, report), error: deviceAdvice(report) } }
        : { output: awaiting(head, report) };
    case "checked":
      return { output: { success: true, ...checked(head, report) } };
    case "declined":
      return unapproved(head, "declined", "Somebody declined it.");
    case "expired":
      return unapproved(head, "expired", "Nobody approved it in time.");
  }
}

function ended(head: JsonObject, outcome: EndedOutcome): ToolOutput {
  if (outcome.outcome === "applied") {
    const { echo, compared, previous, warnings } = outcome;
    return {
      output: {
        success: true,
        ...head,
        outcome: "applied",
        echo,
        ...(compared === undefined ? {} : { compared: "checked, not atomic" }),
        ...(previous === undefined ? {} : { previous: shownPrevious(previous) }),
        ...shownWarnings(warnings),
        ...(echo === "differs" ? { next: DIFFERS_NEXT } : {}),
      },
    };
  }
  const { now_equals_requested } = outcome;
  // What helps a read ("ask again later") would repeat a write that may have been done.
  const reason = outcome.outcome === "unknown" ? outcome : withRecovery(outcome);
  return {
    failed: true,
    output: {
      success: false,
      ...head,
      outcome: outcome.outcome,
      ...(now_equals_requested === undefined ? {} : { now_equals_requested }),
      error: presentableFailure(reason),
      ...(outcome.outcome === "unknown" ? { next: UNKNOWN_NEXT } : {}),
    },
  };
}

function shownPrevious({ value, age_ms, time_source }: Previous): JsonObject {
  return {
    value: shownValue(value),
    ...(age_ms === undefined ? {} : { age_ms: Math.round(age_ms) }),
    ...(time_source === undefined ? {} : { timestamp_source: time_source }),
  };
}

const DIFFERS_NEXT =
  "Read just after the write, the record held another value: the host adapted it, or something else wrote. Call get_record.";

const UNKNOWN_NEXT =
  "Do not repeat the write. Ask get_write_outcome with call_id, or read the record.";

function awaiting(
  head: JsonObject,
  { by, current, requested, confirmUrl, expiresAt }: AwaitingWrite,
): JsonObject {
  return {
    success: false,
    status: "awaiting_confirmation",
    changed: false,
    ...head,
    record: head["record_name"],
    current: current === undefined ? null : shownValue(current),
    requested: shownValue(requested),
    ...(confirmUrl === undefined ? {} : { confirm_url: confirmUrl }),
    expires_at: expiresAt,
    next: `Nothing was written. ${WHO[by]} Then call get_write_outcome with call_id. Calling set_record again does not confirm.`,
  };
}

const WHO: Readonly<Record<AwaitingWrite["by"], string>> = {
  human: "A person must open confirm_url and approve.",
  client: "The person at the client must confirm it.",
  device: "Somebody must approve it on the device with: aimdb-relay confirm.",
};

/** Nobody between here and the device could be asked: the call is refused, and waits on the device. */
function deviceAdvice({ callId }: AwaitingWrite): JsonObject {
  const id = callId.slice(callId.indexOf(".") + 1);
  return {
    code: "confirmation_required",
    message: `Nothing was written. On the device, run: aimdb-relay confirm ${id}. Or set confirm_writes = false in its file.`,
  };
}

function checked(head: JsonObject, { current, warnings, by }: CheckedWrite): JsonObject {
  return {
    status: "checked",
    changed: false,
    ...head,
    current: current === undefined ? null : shownValue(current),
    ...shownWarnings(warnings),
    needs: NEEDS[by],
    next: "Nothing was written. Call set_record without dry_run to write.",
  };
}

const NEEDS: Readonly<Record<CheckedWrite["by"], string>> = {
  human: "a person's approval on the worker's page",
  client: "a confirmation in the client",
  device: "an approval on the device",
  nobody: "no confirmation",
};

function unapproved(head: JsonObject, status: string, what: string): ToolOutput {
  const next = `${what} Nothing was written.`;
  return { failed: true, output: { success: false, status, changed: false, ...head, next } };
}

function shownWarnings(warnings: readonly string[] | undefined): JsonObject {
  if (warnings === undefined || warnings.length === 0) return {};
  return { warnings: warnings.map((warning) => presentableText(warning)) };
}

/** As JSON text if it is too long. */
function shownValue(value: JsonValue): JsonValue {
  const shown = presentable(value);
  const text = JSON.stringify(shown);
  return text.length <= MAX_VALUE_BYTES ? shown : fittingText(text, MAX_VALUE_BYTES);
}
