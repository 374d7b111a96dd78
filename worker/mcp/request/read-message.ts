/**
 * The body of a request to `/mcp`. A short one is read before anything is known of its sender, whose answer carries
 * the message's id. A long one is read for who may call, and for as long as it takes to send: thousands that were
 * begun and never finished would fill the memory that all share. Of short ones few are waited for as long as they take.
 */
import { brokenBound } from "#shared/json/json-bounds.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { within } from "../../after.ts";
import { orLate } from "../../http/body/late-body-error.ts";
import { SENT_WITHIN_MS } from "../../http/body/read-body.ts";
import { readLimited } from "../../http/body/read-limited.ts";
import { JSON_BOUNDS } from "../../http/body/read-json.ts";
import { requestIdOf, RPC_CODES, type RpcId, type RpcRefusal } from "./json-rpc-error.ts";

const MAX_BODY_BYTES = 256 * 1024;

/** Longer than nearly every message. */
const SHORT_BYTES = 16 * 1024;

/** A timer for each would cost every call. A request that its sender drops may stay counted: then the next has a timer. */
const MAX_UNTIMED = 50;
let untimed = 0;

/** The arguments may be as deep as any input; the envelope around them has three levels. */
const ENVELOPE_BOUNDS = { ...JSON_BOUNDS, maxDepth: JSON_BOUNDS.maxDepth + 3 };

export interface Message {
  readonly text: string;
  readonly id: RpcId;
  readonly body: Result<unknown, RpcRefusal>;
}

export async function readMessage(
  request: Request,
  mayCall: () => Promise<boolean>,
  sentWithinMs = SENT_WITHIN_MS,
): Promise<Message> {
  const bytes = announcedBytes(request);
  if (bytes !== undefined && bytes > MAX_BODY_BYTES) return unread(TOO_LARGE);
  if (bytes !== undefined && bytes <= SHORT_BYTES) {
    return readShort(request, sentWithinMs);
  }
  const isLong = bytes !== undefined;
  if (isLong && !(await mayCall())) return unread(CHANGED);
  const read = await within(sentWithinMs, readLong(request, isLong ? undefined : mayCall));
  return read ?? unread(TOO_SLOW);
}

/** HTTP ends it where it was announced to end. */
async function readShort(request: Request, sentWithinMs: number): Promise<Message> {
  if (untimed >= MAX_UNTIMED) {
    const read = await within(sentWithinMs, orLate(request.text()));
    return read === undefined ? unread(TOO_SLOW) : toMessage(ok(read));
  }
  untimed += 1;
  try {
    return toMessage(ok(await orLate(request.text())));
  } finally {
    untimed -= 1;
  }
}

/** `mayCall`: asked where the body turns out to be long. */
async function readLong(
  { body }: Request,
  mayCall: (() => Promise<boolean>) | undefined,
): Promise<Message> {
  if (body === null) return toMessage(ok(""));
  let isRefused = false;
  async function* allowed(chunks: ReadableStream<Uint8Array>) {
    let bytes = 0;
    for await (const chunk of chunks) {
      const isShort = bytes <= SHORT_BYTES;
      bytes += chunk.byteLength;
      isRefused = isShort && bytes > SHORT_BYTES && mayCall !== undefined && !(await mayCall());
      if (isRefused) return;
      yield chunk;
    }
  }
  const read = await orLate(readLimited(allowed(body), MAX_BODY_BYTES));
  return isRefused ? unread(CHANGED) : toMessage(read);
}

/** Undefined for a body without an announced length, which may have any. */
function announcedBytes({ headers }: Request): number | undefined {
  const announced = headers.get("content-length") ?? "";
  const isBound = announced !== "" && headers.get("transfer-encoding") === null;
  return isBound ? Number(announced) : undefined;
}

function unread(refusal: RpcRefusal): Message {
  return { text: "", id: null, body: err(refusal) };
}

function toMessage(read: Result<string, "too_large">): Message {
  if (!read.ok) return unread(TOO_LARGE);
  const text = read.value;
  const parsed = parse(text);
  const id = parsed.ok ? requestIdOf(parsed.value) : null;
  const broken = brokenBound(text, ENVELOPE_BOUNDS);
  if (broken === undefined) return { text, id, body: parsed };
  const message = `The request has ${broken}.`;
  return { text, id, body: err({ status: 400, code: RPC_CODES.invalidRequest, message }) };
}

/** An empty body, as of a GET, is no message. */
function parse(text: string): Result<unknown, RpcRefusal> {
  try {
    return ok(text === "" ? undefined : JSON.parse(text));
  } catch {
    return err({ status: 400, code: RPC_CODES.parseError, message: "The body is not JSON." });
  }
}

export const TOO_LARGE: RpcRefusal = {
  status: 413,
  code: RPC_CODES.refused,
  message: `A request may have ${MAX_BODY_BYTES} bytes at most.`,
};
const TOO_SLOW: RpcRefusal = {
  status: 408,
  code: RPC_CODES.refused,
  message: `The request was not sent whole within ${SENT_WITHIN_MS / 1_000} s. Nothing was done.`,
};
/** Of a long body, seen only by a sender that may call by the time the answer is made. */
export const CHANGED: RpcRefusal = {
  status: 409,
  code: RPC_CODES.refused,
  message: "What this token allows changed during the call. Nothing was done: ask again.",
};
