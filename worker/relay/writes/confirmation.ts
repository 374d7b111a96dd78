/**
 * Who may see a write, and who may approve it. An approval comes from a person on the worker's own page, or from
 * the client that asked; repeating the call is neither.
 */
import { failure, type Failure } from "#shared/failure.ts";
import type { WriteReport } from "#shared/fleet/fleet.ts";
import { UNKNOWN_CALL } from "#shared/fleet/unknown.ts";
import { canonicalJson } from "#shared/json/json.ts";
import { err, type Result } from "#shared/result.ts";
import { allows } from "#shared/access/scope.ts";
import type { Principal } from "../../auth/principal.ts";
import { hashSecret as sha256 } from "../../auth/secret.ts";
import { MAX_SIGN_IN_AGE_MS } from "../../session/sign-in-age.ts";
import type { AnswerRequest, ApprovalRequest, DeclineRequest, WriteQuestion } from "../rpc.ts";
import type { WriteDesk } from "./write-desk.ts";
import type { WriteRow } from "./write-rows.ts";

type Report = Result<WriteReport, Failure>;

export async function reportTo(desk: WriteDesk, principal: Principal, id: string): Promise<Report> {
  const row = desk.find(id);
  if (row === undefined || !maySee(row, principal)) return err(UNKNOWN_CALL);
  await desk.settle(id);
  return desk.report(id);
}

/** A principal sees its own writes; one that may write in the team sees all. */
function maySee(row: WriteRow, { id, scopes }: Principal): boolean {
  return row.principal === id || allows(scopes, "aimdb:write");
}

/** Only for a write that waits for its client's answer, and only from the principal that asked. */
export async function answerByClient(
  desk: WriteDesk,
  { principal, id, accepted }: AnswerRequest,
): Promise<Report> {
  const row = desk.find(id);
  if (row === undefined || row.principal !== principal.id) return err(UNKNOWN_CALL);
  if (row.approver === "client") {
    if (accepted) await desk.approve(id, "client", null);
    else desk.decline(id, principal.id);
  }
  return desk.report(id);
}

/** What the page shows; null for a write that does not exist, is another team's, or waits for nobody here. */
export async function questionOf(desk: WriteDesk, id: string): Promise<WriteQuestion | null> {
  const row = desk.find(id);
  if (row === undefined || row.approver !== "human") return null;
  const report = desk.report(id);
  if (!report.ok) return null;
  const { principal, person, ask, asked_at: askedAtMs } = row;
  const shown = await shownOf(row);
  const credential = ask?.credential ?? null;
  return { report: report.value, principal, person, credential, askedAtMs, shown };
}

function shownOf({ ask }: WriteRow): Promise<string> {
  return sha256(ask?.current === undefined ? "nothing" : canonicalJson(ask.current));
}

/** The person pressed the button: the write happens now, if the record still holds what was shown. */
export async function approveByPerson(
  desk: WriteDesk,
  { id, approver, signInAgeMs, shown }: ApprovalRequest,
): Promise<Report> {
  const row = desk.find(id);
  if (row === undefined || row.approver !== "human") return err(UNKNOWN_CALL);
  if (row.state !== "awaiting_approval") return desk.report(id);
  if (signInAgeMs > MAX_SIGN_IN_AGE_MS) return err(SIGN_IN_AGAIN);
  if (!mayDecide(row, approver)) return err(NOT_YOURS);
  if (shown !== (await shownOf(row))) return err(CHANGED);
  if (!(await desk.look(row))) {
    const report = desk.report(id);
    return report.ok && report.value.status === "awaiting_confirmation" ? err(CHANGED) : report;
  }
  await desk.approve(id, "human", approver.id);
  return desk.report(id);
}

export function declineByPerson(desk: WriteDesk, { id, approver }: DeclineRequest): Report {
  const row = desk.find(id);
  if (row === undefined || row.approver !== "human") return err(UNKNOWN_CALL);
  if (!mayDecide(row, approver)) return err(NOT_YOURS);
  desk.decline(id, approver.id);
  return desk.report(id);
}

/** The person whose client asked; for a service, anybody in the team who may write. */
function mayDecide({ person }: WriteRow, approver: ApprovalRequest["approver"]): boolean {
  return allows(approver.scopes, "aimdb:write") && (person === null || person === approver.id);
}

const SIGN_IN_AGAIN = failure("unauthenticated", "Sign in again to approve a write.");
const NOT_YOURS = failure("insufficient_scope", "Only the person who asked may decide this write.");
const CHANGED = failure(
  "conflict",
  "The record changed since it was shown. Nothing was written: look at it again.",
);
