/** How a desk asks the relay, on behalf of the principal it serves. */
import { failure, type Failure } from "../failure.ts";
import { METHODS, type CallMethod, type MethodResult, type Params } from "../link/method.ts";
import type { LinkSample } from "../link/sample.ts";
import { err, ok, type Result } from "../result.ts";
import { safeParse } from "../parse/safe-parse.ts";
import { utf8Length } from "../json/utf8-length.ts";

export interface DeskCall {
  readonly instance: string;
  readonly method: CallMethod;
  readonly params: unknown;
  readonly deadlineMs: number;
}

export type AskRelay = (
  call: DeskCall,
) => Promise<Result<{ readonly value: unknown; readonly sessionStartedAtMs: number }, Failure>>;

/** In addition to the wait itself, for the relay to answer. */
const READ_DEADLINE_MS = 5_000;

export interface ReadSamples {
  readonly read: MethodResult<"samples.read">;
  readonly sessionStartedAtMs: number;
}

export async function askSamples(
  ask: AskRelay,
  instance: string,
  params: Params<"samples.read">,
): Promise<Result<ReadSamples, Failure>> {
  const deadlineMs = params.wait_ms + READ_DEADLINE_MS;
  const answer = await ask({ instance, method: "samples.read", params, deadlineMs });
  if (!answer.ok) return answer;
  const read = safeParse(METHODS["samples.read"].result, answer.value.value);
  if (!read.success) return err(MALFORMED);
  return ok({ read: read.data, sessionStartedAtMs: answer.value.sessionStartedAtMs });
}

/**
 * Like `askSamples`, but only what fits: a relay's count is approximate, and what does not fit is left for the next
 * read, with its gaps.
 */
export async function askFittingSamples(
  ask: AskRelay,
  instance: string,
  params: Params<"samples.read">,
): Promise<Result<ReadSamples, Failure>> {
  const first = await askSamples(ask, instance, params);
  if (!first.ok) return first;
  const max_samples = countFitting(first.value.read.samples, params.max_bytes);
  if (max_samples === first.value.read.samples.length) return first;
  return askSamples(ask, instance, { ...params, wait_ms: 0, max_samples });
}

/** How much longer a sample's time is in an answer than on the link. */
const TIME_BYTES = 30;

/** At least one, so that reading moves on. */
function countFitting(samples: readonly LinkSample[], maxBytes: number): number {
  let bytes = 0;
  const end = samples.findIndex((sample, i) => {
    bytes += utf8Length(JSON.stringify(sample)) + TIME_BYTES;
    return i > 0 && bytes > maxBytes;
  });
  return end === -1 ? samples.length : end;
}

export const MALFORMED = failure(
  "internal",
  "The relay answered in a form this worker does not know.",
);
