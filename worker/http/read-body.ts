/** A request's body as text. A length that is announced too large is not even read. */
import { err, type Result } from "#shared/result.ts";
import { readLimited } from "./read-limited.ts";

export async function readBody(
  request: Request,
  limitBytes: number,
): Promise<Result<string, "too_large">> {
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) return err("too_large");
  return readLimited(request.body, limitBytes);
}
