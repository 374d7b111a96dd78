/** A reply as text, printed only once, since lists are long. */
import { failure } from "#shared/failure.ts";
import { encodeFrame } from "#shared/link/frame.ts";
import { MAX_RESULT_BYTES } from "#shared/link/limits.ts";
import type { Reply } from "#shared/link/request.ts";
import { printedBytes } from "../printed-bytes.ts";

export interface PrintedReply {
  readonly reply: Reply;
  readonly text: string;
}

/** An error replaces what is more than a link carries. */
export function printReply(reply: Reply): PrintedReply {
  const text = encodeFrame(reply);
  if (!mayBeTooLong(text) || resultBytes(reply) <= MAX_RESULT_BYTES) return { reply, text };
  const { t, id, instance } = reply;
  const { code: err, message } = TOO_LARGE;
  const refused: Reply = { t, id, instance, err, message };
  return { reply: refused, text: encodeFrame(refused) };
}

/** A character of a string has three bytes at most. */
function mayBeTooLong({ length }: string): boolean {
  return length * 3 > MAX_RESULT_BYTES;
}

function resultBytes({ ok }: Reply): number {
  return ok === undefined ? 0 : printedBytes(ok);
}

const TOO_LARGE = failure(
  "too_large",
  "The answer is over 256 KiB, more than a link carries. Ask for less; a single value as long as that can only be read by the application.",
);
