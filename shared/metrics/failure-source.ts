/** Where a failure comes from, and so who can act on it. */
import { errorCodeSchema, type ErrorCode } from "../failure.ts";
import { safeParse } from "../parse/safe-parse.ts";

export type FailureSource =
  /** What was asked, by whom, or how often. */
  | "caller"
  /** What the team decided or lets be done. */
  | "team"
  | "worker"
  /** There is no link, or it broke. */
  | "link"
  /** The relay's own machine: its file, its journal. */
  | "device"
  /** The AimDB process: not there, too slow, or it refused. */
  | "instance";

const SOURCES: Readonly<Record<ErrorCode, FailureSource>> = {
  invalid_input: "caller",
  unauthenticated: "caller",
  insufficient_scope: "caller",
  no_instances: "team",
  unknown_instance: "caller",
  ambiguous_instance: "caller",
  unknown_record: "caller",
  no_value: "instance",
  no_remote_access: "instance",
  not_observable: "instance",
  refused_by_device: "device",
  refused_by_host: "instance",
  refused_by_team: "team",
  confirmation_required: "team",
  too_many_pending: "team",
  invalid_value: "caller",
  unsupported: "instance",
  unknown_subscription: "caller",
  unknown_call: "caller",
  idempotency_conflict: "caller",
  too_many_subscriptions: "caller",
  rate_limited: "caller",
  team_limit: "team",
  busy: "caller",
  relay_offline: "link",
  link_lost: "link",
  instance_down: "instance",
  instance_slow: "instance",
  deadline_exceeded: "link",
  cancelled: "caller",
  expired: "link",
  journal_unavailable: "device",
  policy_unavailable: "worker",
  audit_unavailable: "worker",
  too_large: "caller",
  conflict: "caller",
  not_found: "caller",
  internal: "worker",
};

/** Undefined for an outcome that is not a failure. */
export function sourceOf(outcome: string): FailureSource | undefined {
  const code = safeParse(errorCodeSchema, outcome);
  return code.success ? SOURCES[code.data] : undefined;
}
