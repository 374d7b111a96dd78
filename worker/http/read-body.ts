/** A request's body as text. A length that is announced too large is not even read. */
import { err, ok, type Result } from "#shared/result.ts";
import { readLimited } from "./read-limited.ts";

export async function readBody(
  request: Request,
  limitBytes: number,
): Promise<Result<string, "too_large">> {
  const announced = request.headers.get("content-length") ?? "";
  if (Number(announced) > limitBytes) return err("too_large");
  // HTTP ends a body where its announced length does; without one, reading counts.
  if (announced !== "" && request.headers.get("transfer-encoding") === null) {
    const text = await request.text();
    return text.length > limitBytes ? err("too_large") : ok(text);
  }
  return readLimited(request.body, limitBytes);
}
