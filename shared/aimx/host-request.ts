/** One request to a host and how its answer is read: what differs per version stays inside. */
import type * as z from "zod/mini";
import type { JsonValue } from "../json/json.ts";
import { err, ok, type Result } from "../result.ts";
import type { AimxError, AimxErrorCode } from "./error-code.ts";
import { safeParse } from "../parse/safe-parse.ts";

/** A refusal as the host wrote it. AimX 2 and 3 send no message. */
export interface HostFailure {
  readonly code: string;
  readonly message?: string;
}

export interface HostRequest<T> {
  /** Everything to write, in one write: hosts lose what arrives in pieces while an event goes out. */
  encode(id: number): string;
  /** True if the host does not answer success, so that the pong of a `ping` sent after the request stands in. */
  readonly answeredByPong: boolean;
  /** The subscription that is over when this is answered. */
  readonly ends?: string;
  parse(id: number, body: JsonValue | undefined): Result<T, AimxError>;
  explain(failure: HostFailure): AimxError;
}

/** Host code → ours, and what to tell a person. Codes missing here are `host_error`. */
export type Explanations = Readonly<Record<string, readonly [AimxErrorCode, string]>>;

export function explainWith(explanations: Explanations): (failure: HostFailure) => AimxError {
  return ({ code, message }) => {
    const known = Object.hasOwn(explanations, code) ? explanations[code] : undefined;
    const [ours, text] = known ?? ["host_error", `The host refused with "${code}".`];
    return { code: ours, message: message === undefined ? text : `${text} Host: ${message}` };
  };
}

export function parseWith<T>(
  schema: z.ZodMiniType<T>,
): (id: number, body: JsonValue | undefined) => Result<T, AimxError> {
  return (_id, body) => {
    const parsed = safeParse(schema, body);
    if (parsed.success) return ok(parsed.data);
    return err({
      code: "host_error",
      message: "The host answered in a form that no known AimX version uses.",
    });
  };
}
