/** What a tool is: a name and texts for a model, schemas, and one function over the fleet. */
import type {
  CallToolResult,
  InputRequiredResult,
  Tool as ToolDescription,
} from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { failure, type Failure } from "../failure.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { isJsonObject, jsonValueSchema, type JsonObject } from "../json/json.ts";
import type { Result } from "../result.ts";
import type { ClientSide } from "./serving/client-side.ts";
import type { Scope } from "../access/scope.ts";
import { utf8Length } from "../json/utf8-length.ts";
import { sizeLimit } from "./answers/fit.ts";
import { refusalOfInput } from "./asking/input-value.ts";
import { invalidArguments } from "./asking/invalid-arguments.ts";
import { parseArguments } from "./asking/parse-arguments.ts";
import { toErrorResult, toToolResult } from "./answers/tool-result.ts";
import { safeParse } from "../parse/safe-parse.ts";

export interface ToolContext {
  readonly fleet: Fleet;
  readonly client: ClientSide;
  /** For a call that waits; undefined if the caller did not ask for progress. */
  readonly progress?: ((message: string) => void) | undefined;
}

/** `failed` marks an answer that is complete and still not what was asked for: a refused write. */
export interface ToolOutput {
  readonly output: JsonObject;
  readonly failed?: boolean;
}

/** A question to the person at the client: the call ends with it and comes again with the answer. */
export interface ToolAsk {
  readonly ask: InputRequiredResult;
}

interface ToolDefinition<I extends z.ZodMiniObject, O extends z.ZodMiniType> {
  /** `[a-z0-9_]`, 40 characters at most: clients prefix it and cut at 60. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
  readonly input: I;
  readonly output: O;
  /** Whether it takes so long that it reports progress to a caller that asks. */
  readonly tellsProgress?: boolean;
  readonly run: (
    input: z.infer<I>,
    context: ToolContext,
  ) => Promise<Result<ToolOutput | ToolAsk, Failure>>;
}

export interface Tool {
  readonly description: ToolDescription;
  /** What calling it takes. */
  readonly scope: Scope;
  readonly tellsProgress: boolean;
  readonly call: (
    input: unknown,
    context: ToolContext,
  ) => Promise<CallToolResult | InputRequiredResult>;
}

export function defineTool<I extends z.ZodMiniObject, O extends z.ZodMiniType>({
  name,
  title,
  description,
  annotations,
  input,
  output,
  tellsProgress = false,
  run,
}: ToolDefinition<I, O>): Tool {
  return {
    description: {
      name,
      title,
      description,
      annotations,
      inputSchema: toObjectSchema(input, "input"),
      outputSchema: toOutputSchema(output),
    },
    scope: annotations.readOnlyHint ? "aimdb:read" : "aimdb:write",
    tellsProgress,
    call: async (raw, context) => {
      const refusal = refusalOfInput(jsonValueSchema.parse(raw ?? {}));
      if (refusal !== undefined) return toErrorResult(failure("invalid_input", refusal));
      const parsed = parseArguments(input, raw ?? {});
      if (!parsed.success) {
        return toErrorResult(invalidArguments(parsed.error.issues, raw, Object.keys(input.shape)));
      }
      const result = await run(parsed.data, context);
      if (!result.ok) return toErrorResult(result.error);
      if ("ask" in result.value) return result.value.ask;
      const limit = sizeLimit(maxBytesOf(parsed.data));
      const text = JSON.stringify(result.value.output);
      const isTooLong = utf8Length(text) > limit;
      return isTooLong ? toErrorResult(tooLong(limit)) : toToolResult({ ...result.value, text });
    },
  };
}

/** What a device sends may be longer than any of the fitting expects. */
function tooLong(limit: number): Failure {
  const message = `The answer is longer than ${limit} bytes. Ask for less at a time, or with a larger max_bytes.`;
  return failure("too_large", message);
}

const sizedInput = z.object({ max_bytes: z.optional(z.number()) });

function maxBytesOf(input: unknown): number | undefined {
  return safeParse(sizedInput, input).data?.max_bytes;
}

const objectSchema = z.custom<ToolDescription["inputSchema"]>(
  (schema) => isJsonObject(schema) && schema["type"] === "object",
);

/**
 * JSON Schema 2020-12, the dialect MCP assumes if none is named. What a loose object allows is also allowed if nothing
 * is said, and the refusal of a text that is too long says how long it may be: every byte of a description is paid for
 * in every conversation.
 */
function toObjectSchema(
  schema: z.ZodMiniType,
  io: "input" | "output",
): ToolDescription["inputSchema"] {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      if (isJsonObject(jsonSchema.additionalProperties)) delete jsonSchema.additionalProperties;
      delete jsonSchema.minLength;
      delete jsonSchema.maxLength;
    },
  });
  return objectSchema.parse(rest);
}

/** A refusal takes the output's place, and clients check it against the same schema, so nothing is required. */
function toOutputSchema(schema: z.ZodMiniType): ToolDescription["inputSchema"] {
  const { required: _all, properties = {}, ...rest } = toObjectSchema(schema, "output");
  return objectSchema.parse({ ...rest, properties: { ...properties, error: ERROR_SCHEMA } });
}

/** With `code` and `message`. */
const ERROR_SCHEMA = { type: "object" };
