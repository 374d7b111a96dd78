/**
 * SHA-256 without a wait. The platform's own digest is a promise, and a hash that is waited for can be no part
 * of a transaction; what can wait uses `hashSecret`.
 */
import { createHash } from "node:crypto";

/** In hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
