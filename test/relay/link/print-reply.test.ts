import { expect, test } from "vitest";
import { MAX_RESULT_BYTES } from "#shared/link/limits.ts";
import { replySchema, type Reply } from "#shared/link/request.ts";
import { printReply } from "../../../relay/link/print-reply.ts";

const HEAD = { t: "reply", id: "ab".repeat(16), instance: "plant" } as const;

/** Of `bytes` bytes, as JSON. */
function replyOf(bytes: number, character = "x"): Reply {
  const each = Buffer.byteLength(character);
  const room = bytes - Buffer.byteLength(JSON.stringify({ value: "" }));
  return { ...HEAD, ok: { value: character.repeat(Math.floor(room / each)) } };
}

test.each<[string, Reply]>([
  ["a short one", { ...HEAD, err: "busy", message: "Not now." }],
  ["one as long as may be", replyOf(MAX_RESULT_BYTES)],
  ["one of long characters", replyOf(MAX_RESULT_BYTES, "温")],
])("%s goes as it is", (_, reply) => {
  expect(printReply(reply)).toEqual({ reply, text: JSON.stringify(reply) });
});

test.each([
  ["a character more", replyOf(MAX_RESULT_BYTES + 1)],
  ["more bytes, though fewer characters", replyOf(MAX_RESULT_BYTES + 3, "温")],
])("too_large in the place of more than a link carries: %s [R-15]", (_, reply) => {
  const { reply: told, text } = printReply(reply);

  expect(told).toMatchObject({ ...HEAD, err: "too_large" });
  expect(replySchema.parse(JSON.parse(text))).toEqual(told);
});
