/**
 * A write that needs approval. The tool asks, the fleet decides: what comes back from a client names a held write, and
 * can't change what it says.
 */
import { isInputRequiredResult } from "@modelcontextprotocol/server";
import { failure, type Failure } from "../../failure.ts";
import type { AwaitingWrite, WriteReport } from "../../fleet/fleet.ts";
import { ok, err, type Result } from "../../result.ts";
import type { Question } from "../serving/client-side.ts";
import { fittingText } from "../answers/fit.ts";
import { presentable } from "../answers/presentable.ts";
import { presentableKey } from "./record-name.ts";
import type { ToolAsk, ToolContext, ToolOutput } from "../tool.ts";
import { toWriteOutput } from "../answers/write-output.ts";

type Report = Result<WriteReport, Failure>;

export async function confirmWithClient(
  { fleet, client }: ToolContext,
  write: () => Promise<Report>,
): Promise<Result<ToolOutput | ToolAsk, Failure>> {
  if (client.isAnotherCall) return err(ANOTHER_CALL);
  const { answer } = client;
  const report = answer === undefined ? await write() : await answered(answer);
  if (!report.ok) return report;
  const question = questionOf(report.value, client.asks);
  if (question === undefined) return ok(toWriteOutput(report.value));
  const asked = await client.ask(question);
  if (isInputRequiredResult(asked)) return ok({ ask: asked });
  const decided = await answered(asked);
  return decided.ok ? ok(toWriteOutput(decided.value)) : decided;

  /** A person who was sent to a page answers there: the call only looks. */
  function answered({ callId, accepted }: NonNullable<typeof answer>): Promise<Report> {
    return accepted === undefined ? fleet.writeReport(callId) : fleet.answerWrite(callId, accepted);
  }
}

/** Undefined if nothing waits, or if the client can't ask. */
function questionOf(
  report: WriteReport,
  asks: ToolContext["client"]["asks"],
): Question | undefined {
  if (report.status !== "awaiting_confirmation") return undefined;
  const { callId, by, confirmUrl } = report;
  const message = messageOf(report);
  if (by === "client" && asks.form) return { callId, message, url: undefined };
  if (by === "human" && asks.url && confirmUrl !== undefined) {
    return { callId, message, url: confirmUrl };
  }
  return undefined;
}

/** The specification's bound on what a person is shown. */
const MAX_MESSAGE_LENGTH = 500;
const MAX_VALUE_BYTES = 120;
const MAX_NAME_BYTES = 80;

/** Constants around texts of callers and devices, which are escaped. */
function messageOf({ instance, record, requested, current }: AwaitingWrite): string {
  const name = fittingText(presentableKey(record), MAX_NAME_BYTES);
  const was = current === undefined ? "" : ` It holds ${shown(current)} now.`;
  const message = `Write ${shown(requested)} to the record ${JSON.stringify(name)} of ${JSON.stringify(instance)}?${was}`;
  return message.slice(0, MAX_MESSAGE_LENGTH);
}

function shown(value: AwaitingWrite["requested"]): string {
  return fittingText(JSON.stringify(presentable(value)), MAX_VALUE_BYTES);
}

const ANOTHER_CALL = failure(
  "invalid_input",
  "The call came back with arguments other than those confirmed. Nothing was written: start over.",
);
