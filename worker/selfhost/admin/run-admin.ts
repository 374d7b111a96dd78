/** Runs one command of `npm run admin`: asks the worker, prints its answer. */
import * as z from "zod/mini";
import { isLoopback } from "#shared/net/loopback.ts";
import { printable } from "#shared/text/printable.ts";
import { adminUsage, parseAdminArguments, type AdminCall } from "./arguments.ts";
import type { AdminCommand } from "./commands.ts";

const REQUEST_TIMEOUT_MS = 30_000;
/** Enough for a million lines. */
const EXPORT_TIMEOUT_MS = 900_000;
const DONE = 0;
const REFUSED = 1;
const WRONG_USE = 2;

const LATER = 202;

export interface Output {
  readonly print: (line: string) => void;
  readonly tell: (line: string) => void;
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const laterAnswer = z.object({ effective_at: z.string() });
const answerSchema = z.record(z.string(), z.unknown());

type Request = Extract<AdminCall, { type: "request" }>;

export async function runAdmin(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  output: Output,
): Promise<number> {
  const call = parseAdminArguments(args);
  if (!call.ok) {
    output.tell(`${call.error} See: npm run --silent admin -- --help`);
    return WRONG_USE;
  }
  if (call.value.type === "help") {
    output.print(adminUsage());
    return DONE;
  }
  const { AIMDB_URL = "", AIMDB_TOKEN = "" } = environment;
  const url = URL.parse(`/api/v1${call.value.path}`, AIMDB_URL);
  if (url === null || AIMDB_TOKEN === "") {
    output.tell("Set AIMDB_URL to the worker's address and AIMDB_TOKEN to a token.");
    return WRONG_USE;
  }
  if (isOpenToListeners(url)) {
    output.tell("AIMDB_URL must be https: the token would cross the network in clear.");
    return WRONG_USE;
  }
  return ask(url, AIMDB_TOKEN, { call: call.value, output });
}

function isOpenToListeners({ protocol, hostname }: URL): boolean {
  return protocol !== "https:" && !isLoopback(hostname);
}

async function ask(
  url: URL,
  token: string,
  { call, output }: { call: Request; output: Output },
): Promise<number> {
  let response: Response;
  let text: string;
  const isLines = call.command.isLines === true;
  try {
    response = await fetch(url, {
      method: call.command.method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      redirect: "error",
      signal: AbortSignal.timeout(isLines ? EXPORT_TIMEOUT_MS : REQUEST_TIMEOUT_MS),
    });
    if (isLines && response.ok) return await printLines(response, output);
    text = await response.text();
  } catch (error) {
    output.tell(`${url.origin} can't be reached: ${describeCause(error)}`);
    return REFUSED;
  }
  if (!response.ok) {
    if (call.json) output.print(printable(text));
    output.tell(describeRefusal(response.status, text));
    return REFUSED;
  }
  if (response.status === LATER && !call.json) output.tell(describeLater(text));
  else show(call, text, output);
  return isPassed(call.command, text) ? DONE : REFUSED;
}

/** Printed while they arrive: a log is longer than a process should hold. To the byte: the log's hashes are of its text. */
async function printLines({ body }: Response, { print }: Output): Promise<number> {
  if (body === null) return DONE;
  let rest = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) print(line);
  }
  return DONE;
}

function isPassed({ passes }: AdminCommand, text: string): boolean {
  return passes === undefined || answerSchema.parse(JSON.parse(text))[passes] !== false;
}

/** fetch says "fetch failed" and keeps the reason in its cause. */
function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function describeLater(text: string): string {
  const { effective_at } = laterAnswer.parse(JSON.parse(text));
  return `Done. A part of the worker could not be told: it holds everywhere by ${effective_at}.`;
}

function describeRefusal(status: number, text: string): string {
  try {
    return refusal.parse(JSON.parse(text)).error.message;
  } catch {
    return `The worker answered ${status}.`;
  }
}

function show({ command, json }: Request, text: string, { print, tell }: Output): void {
  if (json) {
    print(text === "" ? "{}" : printable(text));
    return;
  }
  if (text === "") return;
  const answer = answerSchema.parse(JSON.parse(text));
  if (command.shows !== undefined) print(String(answer[command.shows]));
  if (command.note !== undefined) tell(command.note);
  for (const field of command.tells ?? []) print(`${field}\t${cellOf(answer[field])}`);
  const { lists } = command;
  if (lists === undefined) return;
  for (const row of z.array(answerSchema).parse(answer[lists.field])) {
    print(lists.columns.map((column) => cellOf(row[column])).join("\t"));
  }
}

/** Text from others, such as names: nothing in it may move the terminal's cursor. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "-";
  const text = typeof value === "string" ? value : JSON.stringify(value).replaceAll(/["[\]]/g, "");
  return text === "" ? "-" : text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
