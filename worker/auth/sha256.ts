/**
 * SHA-256, synchronously. The platform's own digest is a promise, and a transaction can't wait for one; code
 * that can wait uses `hashSecret`.
 */
import { createHash } from "node:crypto";

/** In hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
