/** A write's row as lines of the team's log. Pure, except for the digest. */
import { canonicalJson, type JsonValue } from "#shared/json/json.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import type { Approval } from "#shared/link/methods/record-set.ts";
import { MAX_AUDIT_VALUE_LENGTH, type WriteEntry } from "../../access/audit-entry.ts";
import { hashSecret as sha256 } from "../../auth/secret.ts";
import { outerCallId, type ReportPlace } from "./write-report.ts";
import type { WriteRow } from "./write-rows.ts";

export interface Asked {
  readonly instance: string;
  readonly record: string;
  readonly value: JsonValue;
  readonly expected?: JsonValue | undefined;
  readonly skipsValidation: boolean;
}

/** Two requests with the same digest are the same write. */
export function digestOfAsk(asked: Asked): Promise<string> {
  const { instance, record, value, expected, skipsValidation } = asked;
  const ask = { instance, record, value, skipsValidation };
  return sha256(canonicalJson(expected === undefined ? ask : { ...ask, expected }));
}

export function intentOf(
  row: WriteRow,
  approval: Approval | undefined,
  place: ReportPlace,
  nowMs: number,
): WriteEntry {
  return {
    ...headOf(row, place, nowMs),
    phase: "intent",
    value: JSON.stringify(row.ask?.value ?? null).slice(0, MAX_AUDIT_VALUE_LENGTH),
    ...(approval === undefined ? {} : { confirmed_by: CONFIRMED_BY[approval] }),
  };
}

const CONFIRMED_BY = { human: "human", client: "client-claim" } as const;

export type End =
  | EndedOutcome
  | { readonly outcome: "declined" | "expired" | "unknown"; readonly code?: undefined };

export function outcomeOf(row: WriteRow, end: End, place: ReportPlace, nowMs: number): WriteEntry {
  const sentAtMs = row.state === "sent" ? row.changed_at : undefined;
  return {
    ...headOf(row, place, nowMs),
    phase: "outcome",
    outcome: end.outcome,
    ...("code" in end && end.code !== undefined ? { code: end.code } : {}),
    ...(sentAtMs === undefined ? {} : { duration_ms: nowMs - sentAtMs }),
  };
}

function headOf(row: WriteRow, place: ReportPlace, nowMs: number) {
  const { id, principal, instance, record, digest, approved_by } = row;
  return {
    at_ms: nowMs,
    principal,
    action: "record.set" as const,
    instance: `${place.relayName}/${instance}`,
    record,
    call_id: outerCallId(place, id),
    digest,
    ...(approved_by === null ? {} : { approver: approved_by }),
  };
}
