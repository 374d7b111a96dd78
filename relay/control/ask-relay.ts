/** Asks the relay that runs on this machine, over its control socket. */
import { err, ok, type Result } from "#shared/result.ts";
import type { Clock } from "../clock.ts";
import type { ConnectHost } from "../instances/host/connect.ts";
import {
  controlAnswerSchema,
  DECIDED_WITHIN_MS,
  MAX_ANSWER_BYTES,
  type ControlRequest,
} from "./request.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";

const TIMEOUT_MS = 5_000;

const TIMEOUTS_MS: Readonly<Record<ControlRequest["ask"], number>> = {
  status: TIMEOUT_MS,
  writes: TIMEOUT_MS,
  decide: DECIDED_WITHIN_MS + TIMEOUT_MS,
};

export interface AskOptions {
  readonly path: string;
  readonly connect: ConnectHost;
  readonly clock: Clock;
}

export type AskFailure =
  /** Nobody listens there. */
  | { readonly type: "not_running" }
  /** The socket is another user's. */
  | { readonly type: "not_allowed" }
  /** It was heard, and the relay says why not. */
  | { readonly type: "refused"; readonly reason: string }
  /** What became of the request is not known. */
  | { readonly type: "failed"; readonly reason: string };

const NOT_RUNNING = new Set(["ENOENT", "ECONNREFUSED", "ENOTDIR"]);
const NOT_ALLOWED = new Set(["EACCES", "EPERM"]);

export async function askRelay(
  request: ControlRequest,
  options: AskOptions,
): Promise<Result<unknown, AskFailure>> {
  const timeoutMs = TIMEOUTS_MS[request.ask];
  const text = await exchange(`${JSON.stringify(request)}\n`, { ...options, timeoutMs });
  if (!text.ok) return text;
  const answer = safeParse(controlAnswerSchema, parseOrUndefined(text.value));
  if (!answer.success) return failed("its answer was not understood");
  return "error" in answer.data
    ? err({ type: "refused", reason: answer.data.error })
    : ok(answer.data.ok);
}

/** Everything that came until the relay closed. */
function exchange(
  text: string,
  { path, connect, clock, timeoutMs }: AskOptions & { readonly timeoutMs: number },
): Promise<Result<string, AskFailure>> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    let failure: AskFailure | undefined;
    const giveUp = (reason: string) => {
      failure = { type: "failed", reason };
      socket.destroy();
    };
    const cancel = clock.after(timeoutMs, () =>
      giveUp(`it did not answer within ${timeoutMs / 1_000} s`),
    );
    const socket = connect(path, {
      onOpen: () => socket.write(text),
      onData: (chunk) => {
        chunks.push(Uint8Array.from(chunk));
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) giveUp("its answer is too long");
      },
      onClose: (errorCode) => {
        cancel();
        failure ??= errorCode === undefined ? undefined : failureOf(errorCode);
        resolve(failure === undefined ? ok(Buffer.concat(chunks).toString("utf8")) : err(failure));
      },
    });
  });
}

function failureOf(errorCode: string): AskFailure {
  if (NOT_RUNNING.has(errorCode)) return { type: "not_running" };
  if (NOT_ALLOWED.has(errorCode)) return { type: "not_allowed" };
  return { type: "failed", reason: errorCode };
}

function failed(reason: string): Result<never, AskFailure> {
  return err({ type: "failed", reason });
}
