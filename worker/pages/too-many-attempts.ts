/** For an address that sends a form too often. */
import { messagePage } from "./page.tsx";

export function tooManyAttempts(retryAfterS: number): Promise<Response> {
  return messagePage({
    title: "Too many attempts",
    status: 429,
    headers: { "retry-after": String(retryAfterS) },
    text: `Try again in ${retryAfterS} seconds.`,
  });
}
