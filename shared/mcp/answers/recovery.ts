/** What helps after a failure, by its code, in addition to what the failure itself says. */
import { failure, type ErrorCode, type Failure } from "../../failure.ts";

const RECOVERY: Partial<Readonly<Record<ErrorCode, string>>> = {
  unknown_instance: "Call discover_instances.",
  unknown_record: "Call list_records.",
  not_observable: "Use get_record.",
  refused_by_host:
    "Writing needs the AimDB host's own permission: a read_write security policy that allows the key.",
  unsupported:
    "The host's release or build lacks this: update AimDB, or build it with the feature.",
  unknown_call: "Give the whole call_id of a set_record answer of your own.",
  unknown_subscription: "Open a new one with subscribe_record.",
  too_many_subscriptions: "Reduce the subscriptions: end one with unsubscribe_record.",
  relay_offline:
    "If it went away just now, it may be back in seconds: ask once more. Otherwise check power, network and aimdb-relay at the device.",
  instance_down:
    "Check on the device that AimDB runs with remote access, that the socket path is right and that the relay's user may open it (aimdb-relay discover shows it).",
  instance_slow: "Ask again later, or for less at a time.",
};

export function withRecovery(reason: Failure): Failure {
  const advice = RECOVERY[reason.code];
  if (advice === undefined || reason.message.includes(advice)) return reason;
  // A host's own text may end without one.
  const stop = /[.!?]$/.test(reason.message) ? "" : ".";
  return failure(reason.code, `${reason.message}${stop} ${advice}`, reason.details);
}
