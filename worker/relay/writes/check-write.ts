/** A dry run: every check of a write, and who would have to approve it. Nothing of it is kept. */
import type { Failure } from "#shared/failure.ts";
import type { WriteReport } from "#shared/fleet/fleet.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { MAX_DEADLINE_MS } from "#shared/link/limits.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import { ok, type Result } from "#shared/result.ts";
import { approverOf } from "../../access/write-policy.ts";
import type { WriteCall } from "../rpc.ts";
import { askerOf } from "./write-asks.ts";
import type { WriteAuthority } from "./write-authority.ts";
import type { AskedBy, JudgeParts, WriteJudge } from "./write-judge.ts";
import { awaitedBy, outerCallId } from "./write-report.ts";

export type TimedCall = WriteCall & Pick<AskedBy, "askedAtMs">;

export async function checkWrite(
  {
    authority,
    place,
    nowMs,
  }: Pick<JudgeParts, "place" | "nowMs"> & { readonly authority: WriteAuthority },
  judge: WriteJudge,
  call: TimedCall,
): Promise<Result<WriteReport, Failure>> {
  await judge.comesBack(MAX_DEADLINE_MS);
  const rights = await authority.rights(askerOf(call.principal), call.id);
  if (!rights.ok) return rights;
  const asked = { ...call, principal: call.principal.id };
  const key = await judge.resolve(asked);
  const head = {
    callId: outerCallId(place, call.id),
    instance: `${place.relayName}/${call.instance}`,
    record: key.ok ? key.value : call.record,
    timestamp: new Date(nowMs()).toISOString(),
  };
  const ended = (outcome: EndedOutcome) => ok({ ...head, status: "ended" as const, outcome });
  if (!key.ok) return ended(key.error);
  const named = { ...asked, record: key.value };
  const rule = judge.permit(rights.value, named);
  if (!rule.ok) return ended(notWritten(rule.error));
  const looked = await judge.look(named, rule.value.limits);
  if (!looked.ok) return ended(looked.error);
  const { current, warnings } = looked.value;
  const approver = approverOf(rule.value.confirm, judge.deviceConfirms, call.asks);
  return ok({
    ...head,
    status: "checked",
    ...(current === undefined ? {} : { current }),
    warnings,
    by: approver === "never" ? "nobody" : awaitedBy(approver),
  });
}
