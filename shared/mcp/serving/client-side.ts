/**
 * What can be asked of the person at the client, and what they answered. Two ways: since 2026-07-28 the call ends with
 * the question and comes again with the answer; before, over stdio, the server asks while the call waits. A stateless
 * server can't ask an older client.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type InputRequiredResult,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import type { ClientAsks } from "../../fleet/fleet.ts";
import { canonicalJson, isJsonObject, type JsonValue } from "../../json/json.ts";
import { safeParse } from "../../parse/safe-parse.ts";

/** Signed by the server, so that a client can only hand back what it was given. */
export interface RequestState {
  readonly mint: (state: ConfirmationState, ctx: ServerContext) => Promise<string>;
  /** Throws for what was not minted here, for another principal, or too long ago. */
  readonly verify: (state: string, ctx: ServerContext) => Promise<unknown>;
}

export const confirmationStateSchema = z.object({
  call_id: z.string(),
  /** The arguments as they were; null where they are too long to travel twice. */
  args: z.nullable(z.string()),
});
export type ConfirmationState = z.infer<typeof confirmationStateSchema>;

export interface Question {
  readonly callId: string;
  /** Without a link, and with device texts escaped. */
  readonly message: string;
  /** The page to open in place of a form. */
  readonly url: string | undefined;
}

export interface Answer {
  readonly callId: string;
  /** Undefined if the person only says that they were on the page, or nothing. */
  readonly accepted: boolean | undefined;
}

export interface ClientSide {
  readonly asks: ClientAsks;
  /** With a call that comes again. */
  readonly answer: Answer | undefined;
  /** A call that came again with arguments other than those the question was about. */
  readonly isAnotherCall: boolean;
  readonly ask: (question: Question) => Promise<Answer | InputRequiredResult>;
}

/** For reads that ask nobody anything: resources and prompts. */
export const NO_CLIENT: ClientSide = {
  asks: { form: false, url: false },
  answer: undefined,
  isAnotherCall: false,
  ask: () => Promise.reject(new Error("There is nobody to ask")),
};

const KEY = "confirm";
const MAX_ARGS_LENGTH = 4_096;

const confirmationSchema = {
  type: "object",
  properties: {
    confirm: { type: "boolean", title: "Write it", description: "Yes writes the value now." },
  },
  required: ["confirm"],
} as const;

export interface ClientSideParts {
  readonly server: Server;
  readonly ctx: ServerContext;
  readonly args: JsonValue;
  /** Undefined if no state can be signed: then nothing is asked. */
  readonly requestState: RequestState | undefined;
}

export function clientSideOf({ server, ctx, args, requestState }: ClientSideParts): ClientSide {
  const envelope: unknown = ctx.mcpReq.envelope;
  const modern = isJsonObject(envelope) ? envelope[CLIENT_CAPABILITIES_META_KEY] : undefined;
  const text = canonicalJson(args);
  const argsText = text.length > MAX_ARGS_LENGTH ? null : text;
  if (modern === undefined) {
    const asks = asksOf(server.getClientCapabilities());
    return {
      asks: { form: asks.form, url: false },
      answer: undefined,
      isAnotherCall: false,
      ask: (question) => askNow(server, question),
    };
  }
  const asks = requestState === undefined ? NOTHING : asksOf(modern);
  const state = safeParse(confirmationStateSchema, ctx.mcpReq.requestState()).data;
  return {
    asks,
    answer: state === undefined ? undefined : answerOf(state, ctx),
    isAnotherCall: state !== undefined && state.args !== argsText,
    ask: async (question) => {
      const minted = await requestState?.mint({ call_id: question.callId, args: argsText }, ctx);
      return askLater(question, minted ?? "");
    },
  };
}

const NOTHING: ClientAsks = { form: false, url: false };

/** `elicitation: {}` is from before there were two modes, and means the form. */
function asksOf(capabilities: unknown): ClientAsks {
  if (!isJsonObject(capabilities) || !isJsonObject(capabilities["elicitation"])) return NOTHING;
  const { form, url } = capabilities["elicitation"];
  return { form: form !== undefined || url === undefined, url: url !== undefined };
}

async function askNow(server: Server, { callId, message }: Question): Promise<Answer> {
  const { action, content } = await server.elicitInput({
    mode: "form",
    message,
    requestedSchema: { ...confirmationSchema, required: [...confirmationSchema.required] },
  });
  return { callId, accepted: action === "accept" && content?.["confirm"] === true };
}

function askLater({ message, url }: Question, requestState: string): InputRequiredResult {
  const question =
    url === undefined
      ? inputRequired.elicit({
          mode: "form",
          message,
          requestedSchema: { ...confirmationSchema, required: [...confirmationSchema.required] },
        })
      : inputRequired.elicitUrl({ message, url });
  return inputRequired({ inputRequests: { [KEY]: question }, requestState });
}

function answerOf({ call_id: callId }: ConfirmationState, ctx: ServerContext): Answer {
  const view = inputResponse(ctx.mcpReq.inputResponses, KEY);
  if (view.kind !== "elicit") return { callId, accepted: undefined };
  if (view.action !== "accept") return { callId, accepted: false };
  const { content } = view;
  return { callId, accepted: content === undefined ? undefined : content["confirm"] === true };
}
