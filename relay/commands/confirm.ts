/**
 * `aimdb-relay confirm`: the device's operator approves or declines writes that wait here, in the relay that serves a
 * worker and in those that serve clients over stdio.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeOutcomeSchema, type WriteOutcome } from "#shared/link/methods/record-set.ts";
import { systemClock } from "../clock.ts";
import { askRelay, type AskFailure } from "../control/ask-relay.ts";
import { controlPath, isControlSocket } from "../control/control-path.ts";
import { heldWriteSchema, type HeldWriteRow } from "../control/held-write.ts";
import type { ControlRequest } from "../control/request.ts";
import { runtimeFolder, type Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectHost } from "../instances/host/connect.ts";
import { describeFailure } from "./status.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { plainLine } from "#shared/text/printable.ts";

export interface ConfirmCommand {
  /** A prefix of an id, if only one id begins with it; undefined lists. */
  readonly id: string | undefined;
  readonly decline: boolean;
  readonly json: boolean;
}

interface Waiting extends HeldWriteRow {
  readonly path: string;
}

export async function confirm(
  { id, decline, json }: ConfirmCommand,
  environment: Environment,
): Promise<ExitCode> {
  const found = await findWaiting(environment);
  if (typeof found === "string") return fail(environment, found);
  if (id === undefined) {
    environment.print(json ? `${JSON.stringify(found.map(withoutPath))}\n` : toText(found));
    return EXIT.ok;
  }
  const [write, ...others] = found.filter((waiting) => waiting.id.startsWith(id));
  if (write === undefined) return fail(environment, "No write with this id waits here.");
  if (others.length > 0)
    return fail(environment, "Several ids begin with this. Give more of the id.");
  const answer = await ask({ ask: "decide", id: write.id, approve: !decline }, write.path);
  if (!answer.ok) return fail(environment, whyUndecided(answer.error, write.path, decline));
  const outcome = safeParse(writeOutcomeSchema, answer.value);
  if (!outcome.success) return fail(environment, "The relay's answer was not understood.");
  environment.print(json ? `${JSON.stringify(outcome.data)}\n` : `${describe(outcome.data)}\n`);
  return decline || outcome.data.outcome === "applied" ? EXIT.ok : EXIT.failed;
}

function whyUndecided(failure: AskFailure, path: string, decline: boolean): string {
  const why = describeFailure(failure, path);
  if (failure.type !== "failed" || decline) return why;
  return `${why} The write may be approved all the same: aimdb-relay confirm lists those that wait still.`;
}

function fail(environment: Environment, why: string): ExitCode {
  environment.printError(`${why}\n`);
  return EXIT.failed;
}

/** Those of every process that runs here; the text says why there is none. */
async function findWaiting(environment: Environment): Promise<readonly Waiting[] | string> {
  const folder = runtimeFolder(environment);
  const names = await readdir(folder).catch((): string[] => []);
  const paths = names.filter(isControlSocket).map((name) => join(folder, name));
  const asked = await Promise.all(
    paths.map(async (path) => ({ path, answer: await ask({ ask: "writes" }, path) })),
  );
  const answered = asked.filter(({ answer }) => answer.ok);
  const refused = asked.find(({ answer }) => !answer.ok && answer.error.type !== "not_running");
  if (answered.length > 0) {
    return answered.flatMap(({ path, answer }) =>
      readRows(answer.ok ? answer.value : []).map((row) => ({ ...row, path })),
    );
  }
  if (refused?.answer.ok === false) return describeFailure(refused.answer.error, refused.path);
  return describeFailure({ type: "not_running" }, controlPath(environment));
}

function ask(request: ControlRequest, path: string): ReturnType<typeof askRelay> {
  return askRelay(request, { path, connect: connectHost, clock: systemClock });
}

function readRows(value: unknown): HeldWriteRow[] {
  return safeParse(z.array(heldWriteSchema), value).data ?? [];
}

function withoutPath({ path: _where, ...row }: Waiting): HeldWriteRow {
  return row;
}

const SHOWN_ID_LENGTH = 8;

function toText(waiting: readonly Waiting[]): string {
  if (waiting.length === 0) return "No write waits for an approval.\n";
  const rows = waiting.map(
    ({ id, principal, instance, record, value, current, expires_in_ms }) =>
      `${id.slice(0, SHOWN_ID_LENGTH)}  ${plainLine(`${instance} ${record}`)}: ${plainLine(current ?? "(not known)")} -> ${plainLine(value)}  asked by ${plainLine(principal)}, ${Math.ceil(expires_in_ms / 1000)} s left`,
  );
  return `${[...rows, "", "Approve with: aimdb-relay confirm ID    Decline with: aimdb-relay confirm ID --decline"].join("\n")}\n`;
}

function describe(outcome: WriteOutcome): string {
  if ("message" in outcome) return `${outcome.outcome}: ${plainLine(outcome.message)}`;
  return `${outcome.outcome}: ${plainLine(outcome.record_key)}`;
}
