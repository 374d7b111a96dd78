/** `prompts/list` and `prompts/get`. */
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { CallerSignal } from "../../fleet/caller-signal.ts";
import { jsonValueSchema } from "../../json/json.ts";
import { toldRead, type OnCall } from "./client-call.ts";
import { refusalOfInput } from "../asking/input-value.ts";
import { debugRecord } from "../prompts/debug-record.ts";
import { isGiven } from "../prompts/facts.ts";
import { monitoringSetup } from "../prompts/monitoring-setup.ts";
import { performanceAnalysis } from "../prompts/performance-analysis.ts";
import { toPromptResult, type Prompt, type PromptArguments } from "../prompts/prompt.ts";
import { schemaExplorer } from "../prompts/schema-explorer.ts";
import type { StrictServer } from "./strict-server.ts";
import type { ToolContext } from "../tool.ts";

const PROMPTS: readonly Prompt[] = [
  debugRecord,
  monitoringSetup,
  performanceAnalysis,
  schemaExplorer,
];
const DESCRIPTIONS = PROMPTS.map(({ description }) => description);
const BY_NAME = new Map(PROMPTS.map((prompt) => [prompt.description.name, prompt]));

/** As long as a record key may be, and more than a goal needs. */
const MAX_ARGUMENT_LENGTH = 500;

export function handlePrompts(
  server: StrictServer,
  contextUntil: (gone: CallerSignal) => ToolContext,
  onCall: OnCall | undefined,
): void {
  server.handle("prompts/list", async () => ({ prompts: [...DESCRIPTIONS] }));
  server.handle("prompts/get", async ({ params }, gone) => {
    const prompt = BY_NAME.get(params.name);
    if (prompt === undefined) {
      throw invalid(`Unknown prompt. The prompts are: ${[...BY_NAME.keys()].join(", ")}.`);
    }
    const given = { ...params.arguments };
    checkArguments(prompt, given);
    const call = { action: `prompt.${params.name}`, input: jsonValueSchema.parse(given) };
    return toldRead(call, onCall, async () =>
      toPromptResult(
        prompt,
        prompt.instruct(given),
        await prompt.gather(given, contextUntil(gone)),
      ),
    );
  });
}

function checkArguments({ description }: Prompt, given: PromptArguments): void {
  const refusal = refusalOfInput(jsonValueSchema.parse(given));
  if (refusal !== undefined) throw invalid(refusal);
  const missing = (description.arguments ?? []).find(
    ({ name, required }) => required === true && !isGiven(given[name]),
  );
  if (missing !== undefined) throw invalid(`The argument ${missing.name} is needed.`);
  const tooLong = Object.entries(given).find(
    ([, value = ""]) => value.length > MAX_ARGUMENT_LENGTH,
  );
  if (tooLong !== undefined) {
    throw invalid(`An argument may have ${MAX_ARGUMENT_LENGTH} characters at most.`);
  }
}

function invalid(message: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message);
}
