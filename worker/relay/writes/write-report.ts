/** A write's row in the form that callers get. Pure. */
import type { AwaitingWrite, WriteReport } from "#shared/fleet/fleet.ts";
import type { Approver } from "../../access/write-policy.ts";
import type { WriteRow } from "./write-rows.ts";

export interface ReportPlace {
  /** The relay object's id. */
  readonly relayId: string;
  readonly relayName: string;
  readonly publicUrl: string;
}

export function outerCallId({ relayId }: Pick<ReportPlace, "relayId">, id: string): string {
  return `${relayId}.${id}`;
}

/** `<relay object's id>.<random>`; another team's relay does not know the id. */
export function parseCallId(callId: string): { relay: string | undefined; id: string } {
  const [, relay, id = ""] = /^([0-9a-f]{64})\.([0-9a-f]{32})$/.exec(callId) ?? [];
  return { relay, id };
}

export function reportOf(row: WriteRow, place: ReportPlace, nowMs: number): WriteReport {
  const head = {
    callId: outerCallId(place, row.id),
    instance: `${place.relayName}/${row.instance}`,
    record: row.record,
    timestamp: new Date(HAS_ENDED.has(row.state) ? row.changed_at : nowMs).toISOString(),
  };
  switch (row.state) {
    case "awaiting_approval":
      return { ...head, ...awaiting(row, place) };
    case "declined":
    case "expired":
      return { ...head, status: row.state };
    case "ended":
      return { ...head, status: "ended", outcome: row.outcome ?? UNRESOLVED };
    case "asked":
    case "approved":
    case "sent":
      return { ...head, status: "ended", outcome: UNRESOLVED };
  }
}

const HAS_ENDED: ReadonlySet<WriteRow["state"]> = new Set(["ended", "declined", "expired"]);

function awaiting(
  { id, approver, ask, expires_at }: WriteRow,
  place: ReportPlace,
): Pick<AwaitingWrite, "status" | "by" | "current" | "requested" | "confirmUrl" | "expiresAt"> {
  const by = awaitedBy(approver ?? "human");
  const current = ask?.current;
  return {
    status: "awaiting_confirmation",
    by,
    ...(current === undefined ? {} : { current }),
    requested: ask?.value ?? null,
    ...(by === "human"
      ? { confirmUrl: new URL(`/confirm/${outerCallId(place, id)}`, place.publicUrl).href }
      : {}),
    expiresAt: new Date(expires_at ?? 0).toISOString(),
  };
}

export function awaitedBy(approver: Exclude<Approver, "never">): AwaitingWrite["by"];
export function awaitedBy(approver: Approver): AwaitingWrite["by"];
export function awaitedBy(approver: Approver): AwaitingWrite["by"] {
  return approver === "client" ? "client" : approver === "local" ? "device" : "human";
}

const UNRESOLVED = {
  outcome: "unknown",
  code: "link_lost",
  message:
    "Nothing came back yet. The write may have been executed: do not repeat it. Ask get_write_outcome again later, or read the record.",
} as const;
