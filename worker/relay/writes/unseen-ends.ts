/** How a write ended, where nobody saw it end. */
import { failure } from "#shared/failure.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";

export const NEVER_BEGUN: EndedOutcome = {
  outcome: "not_applied",
  ...failure("link_lost", "The write never reached the relay. Nothing was changed."),
};
export const NEVER_SENT: EndedOutcome = {
  outcome: "not_applied",
  ...failure("internal", "The worker lost the write before it was sent. Nothing was changed."),
};
export const FORGOTTEN = unknownWrite("link_lost", "The relay's journal of that time is gone.");
/** Its relay was revoked. */
export const NEVER_DECIDED: EndedOutcome = {
  outcome: "not_applied",
  ...failure("relay_offline", "The relay was revoked before the write was sent."),
};
export const NEVER_TOLD: EndedOutcome = {
  outcome: "unknown",
  ...failure("link_lost", "The relay was revoked before it said how the write ended."),
};
