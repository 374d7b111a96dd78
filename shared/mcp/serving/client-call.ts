/** What a client asked for and what came of it, for a log. */
import {
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type CompleteResult,
  type GetPromptResult,
  type InputRequiredResult,
  type ListResourcesResult,
  type ReadResourceResult,
} from "@modelcontextprotocol/server";
import { errorCodeSchema, failure, type ErrorCode, type Failure } from "../../failure.ts";
import { isJsonObject } from "../../json/json.ts";
import { safeParse } from "../../parse/safe-parse.ts";
import type { Scope } from "../../access/scope.ts";
import { toErrorResult } from "../answers/tool-result.ts";

export interface ClientCall {
  /** `tool.<name>`, `prompt.<name>`, `completion`, or `resource.` and `read`, `list` or `listen`. */
  readonly action: string;
  /** What asking it took. */
  readonly scope: Scope;
  readonly input: unknown;
  /** The record, if the input does not name it as tools do. */
  readonly record?: string | undefined;
  /** If it failed, a tool's error, whatever was asked. */
  readonly result: CallToolResult | InputRequiredResult | ReadAnswer;
}

/** Reads other than by a tool. A list of resources names instances, a completion names records. */
type ReadAnswer = ReadResourceResult | ListResourcesResult | GetPromptResult | CompleteResult;

/** Told of every call before it is answered, and may answer in its place. */
export type OnCall = (call: ClientCall) => Promise<Failure | undefined> | undefined;

/** A read that is not a tool call, reported like one; its errors are the protocol's. */
export async function toldRead<T extends ReadAnswer>(
  call: Pick<ClientCall, "action" | "input" | "record">,
  onCall: OnCall | undefined,
  read: () => Promise<T>,
): Promise<T> {
  const [answer, thrown] = await settled(read);
  const result = answer ?? toErrorResult(failure(codeOf(thrown), "Not read."));
  const failed = await onCall?.({ ...call, scope: "aimdb:read", result });
  if (failed !== undefined) throw toProtocolError(failed);
  if (answer === undefined) throw thrown;
  return answer;
}

async function settled<T>(read: () => Promise<T>): Promise<[T] | [undefined, unknown]> {
  try {
    return [await read()];
  } catch (error) {
    return [undefined, error];
  }
}

function codeOf(error: unknown): ErrorCode {
  if (!(error instanceof ProtocolError)) return "internal";
  const { data } = error;
  const code = isJsonObject(data) ? data["code"] : undefined;
  return safeParse(errorCodeSchema, code).data ?? "invalid_input";
}

function toProtocolError({ code, message, details }: Failure): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InternalError, message, { code, ...details });
}
