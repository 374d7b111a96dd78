/** What a page says if a password was not accepted. Pure. */
import type { SignInRefusal } from "./check-credentials.ts";

interface Answer {
  readonly status: number;
  readonly problem: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function describeRefusal(refusal: SignInRefusal, wrong: Answer): Answer {
  switch (refusal.reason) {
    case "wrong":
      return wrong;
    case "later": {
      const seconds = Math.ceil(refusal.retryAfterMs / 1000);
      return {
        status: 429,
        headers: { "retry-after": String(seconds) },
        problem: `Too many attempts. Try again in ${seconds} seconds.`,
      };
    }
    case "busy":
      return {
        status: 503,
        headers: { "retry-after": "2" },
        problem: "Many people are signing in right now. Try again in a moment.",
      };
  }
}
