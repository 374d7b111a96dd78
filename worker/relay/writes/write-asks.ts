/** Who asks for a write, and for what. Pure. */
import type { Principal } from "../../auth/principal.ts";
import type { WriteAsker } from "../../team/rpc.ts";
import type { AskedBy } from "./write-judge.ts";
import type { WriteRow } from "./write-rows.ts";

export function askerOf({ id: principal, credential, person, scopes }: Principal): WriteAsker {
  const who = { principal, credential: credential ?? null, person: person ?? null };
  return { ...who, scopes, approver: null };
}

export function rowAsker({ ask, principal, person, approved_by }: WriteRow): WriteAsker {
  const { credential = null, scopes = [] } = ask ?? {};
  return { principal, credential, person, scopes, approver: approved_by };
}

/** Undefined for a write that has ended. */
export function askOf(row: WriteRow): AskedBy | undefined {
  const { ask, principal, instance, record, changed_at: askedAtMs } = row;
  if (ask === null) return undefined;
  const { value, expected, skips_validation: skipsValidation } = ask;
  return { principal, instance, record, value, expected, skipsValidation, askedAtMs };
}
