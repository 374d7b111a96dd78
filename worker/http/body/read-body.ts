/**
 * A request's body as text. A length that is announced too large is not even read, and what is begun and never finished
 * is not waited for: thousands of such requests would fill the memory that all share.
 */
import { err, ok, type Result } from "#shared/result.ts";
import { within } from "../../after.ts";
import { LateBodyError, orLate } from "./late-body-error.ts";
import { readLimited } from "./read-limited.ts";

/** A slow line takes some seconds for the most that a request may have. */
export const SENT_WITHIN_MS = 15_000;

/** Throws `LateBodyError` where it takes longer, or its sender goes before. */
export async function readBody(
  request: Request,
  limitBytes: number,
  sentWithinMs = SENT_WITHIN_MS,
): Promise<Result<string, "too_large">> {
  const text = await within(sentWithinMs, orLate(read(request, limitBytes)));
  if (text === undefined) throw new LateBodyError();
  return text;
}

async function read(request: Request, limitBytes: number): Promise<Result<string, "too_large">> {
  const announced = request.headers.get("content-length") ?? "";
  if (Number(announced) > limitBytes) return err("too_large");
  // HTTP ends a body at its announced length; without one, the bytes are counted while reading.
  if (announced !== "" && request.headers.get("transfer-encoding") === null) {
    const text = await request.text();
    return text.length > limitBytes ? err("too_large") : ok(text);
  }
  return readLimited(request.body, limitBytes);
}
