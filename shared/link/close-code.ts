/** Why a WebSocket of the link was closed, and what the relay does next. */

export type NextStep =
  /** Dial again after the usual backoff. */
  | "retry"
  /** Dial again, but not before the wait that the close reason or the table gives. */
  | "retry_later"
  /** Stop: only a person can help. */
  | "stop";

interface CloseCode {
  readonly code: number;
  readonly next: NextStep;
  /** Shown to the operator. */
  readonly advice: string;
}

/** 4000–4999 are ours (RFC 6455 §7.4.2); the last three digits echo the HTTP status of like meaning. */
export const CLOSE_CODES = {
  normal: { code: 1000, next: "retry", advice: "The link was closed." },
  going_away: {
    code: 1001,
    next: "retry",
    advice: "The worker restarts, or heard nothing from this relay for too long.",
  },
  protocol_error: {
    code: 4400,
    next: "retry",
    advice: "A frame broke the link protocol. If it happens again, update the relay.",
  },
  unauthorized: {
    code: 4401,
    next: "stop",
    advice: "The worker does not accept this relay's key. Enroll the relay again.",
  },
  greeting_timeout: { code: 4408, next: "retry", advice: "The greeting took too long." },
  replaced: {
    code: 4409,
    next: "retry_later",
    advice: "Another process dialed with this relay's key. Run one relay per key.",
  },
  revoked: {
    code: 4410,
    next: "stop",
    advice: "The relay was revoked. Ask the team's owner for a join token and enroll again.",
  },
  frame_too_large: { code: 4413, next: "retry", advice: "A frame was over 1 MiB." },
  suspended: {
    code: 4423,
    next: "retry_later",
    advice: "The team has suspended this relay. It comes back by itself once it is resumed.",
  },
  unsupported_version: {
    code: 4426,
    next: "stop",
    advice: "The worker does not speak this relay's link version. Update the relay.",
  },
  slow_down: {
    code: 4429,
    next: "retry_later",
    advice: "This relay sent much more than anybody asked for. Update it if that happens again.",
  },
} as const satisfies Record<string, CloseCode>;

export type CloseName = keyof typeof CLOSE_CODES;

/** Undefined for a code of a later version, and for those the platform makes (1005, 1006, 1011). */
export function closeNameOf(code: number): CloseName | undefined {
  return closeNames.find((name) => CLOSE_CODES[name].code === code);
}

const closeNames = Object.keys(CLOSE_CODES).filter(
  (name): name is CloseName => name in CLOSE_CODES,
);
