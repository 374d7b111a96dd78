/** A client's call as a line of the team's log. Pure, except for the digest. */
import { canonicalJson, isJsonObject, jsonValueSchema } from "#shared/json/json.ts";
import type { ClientCall } from "#shared/mcp/serving/client-call.ts";
import {
  MAX_AUDIT_INSTANCES,
  MAX_AUDIT_NAME_LENGTH,
  type ToolEntry,
} from "../access/audit-entry.ts";
import type { Principal } from "../auth/principal.ts";
import { hashSecret as sha256 } from "../auth/secret.ts";

export interface EndedCall {
  readonly team: string;
  readonly entry: Omit<ToolEntry, "digest">;
  /** Canonical JSON; its digest is computed later, off the call's path. */
  readonly input: string;
}

export interface CallTimes {
  /** Unix milliseconds. */
  readonly endedAtMs: number;
  readonly durationMs: number;
}

/** `asked`: the instances that the call went to, whether or not the caller named them. */
export function endedCall(
  { action, input = {}, record, result }: Omit<ClientCall, "scope">,
  { id, team, credential, cause = "" }: Principal,
  { endedAtMs, durationMs }: CallTimes,
  asked: readonly string[] = [],
): EndedCall {
  return {
    team,
    input: canonicalJson(jsonValueSchema.parse(input)),
    entry: {
      at_ms: endedAtMs,
      principal: id,
      ...(credential === undefined ? {} : { credential }),
      action,
      ...placeOf(input, asked),
      ...textIn(input, "record_name", "record"),
      ...textIn({ record }, "record", "record"),
      call_id: cause,
      outcome: outcomeOf(result),
      duration_ms: durationMs,
    },
  };
}

export async function toToolEntry({ entry, input }: EndedCall): Promise<ToolEntry> {
  return { ...entry, digest: await sha256(input) };
}

/** For other states, the reason why a write was not done says more. */
const STANDING = new Set(["applied", "unknown"]);

/** `ok`, the error's code, or a write's state. */
export function outcomeOf(result: ClientCall["result"]): string {
  if (result["resultType"] === "input_required") return "asked_back";
  if (!("structuredContent" in result)) return "ok";
  const { structuredContent: shown } = result;
  if (!isJsonObject(shown)) return "ok";
  const { error, outcome, status } = shown;
  if (typeof outcome === "string" && STANDING.has(outcome)) return outcome;
  if (isJsonObject(error) && typeof error["code"] === "string") return error["code"];
  return typeof status === "string" ? status : "ok";
}

function placeOf(
  input: unknown,
  asked: readonly string[],
): Pick<ToolEntry, "instance" | "instances"> {
  const [only] = asked;
  if (asked.length > 1) return { instances: asked.slice(0, MAX_AUDIT_INSTANCES) };
  return only === undefined ? textIn(input, "instance", "instance") : { instance: only };
}

function textIn(input: unknown, name: string, field: "instance" | "record") {
  const text = isJsonObject(input) ? input[name] : undefined;
  return typeof text === "string" ? { [field]: text.slice(0, MAX_AUDIT_NAME_LENGTH) } : {};
}
