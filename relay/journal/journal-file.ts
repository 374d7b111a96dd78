/**
 * The journal's text: one JSON object a line, appended. The first line names the journal; a write is
 * an `intent` and later an `outcome`. Pure.
 */
import * as z from "zod/mini";
import { jsonValueSchema, type JsonValue } from "#shared/json/json.ts";
import { writeOutcomeSchema, type WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { RememberedEntry } from "./remembered-writes.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const id = z.string().check(z.regex(/^[0-9a-f]{32}$/));

const headSchema = z.object({ t: z.literal("journal"), id });

const lineSchema = z.discriminatedUnion("t", [
  headSchema,
  z.object({
    t: z.literal("intent"),
    id,
    at_ms: z.number(),
    instance: z.string(),
    record: z.string(),
    /** Absent if it is too long to keep. */
    value: z.optional(jsonValueSchema),
  }),
  z.object({ t: z.literal("outcome"), id, at_ms: z.number(), result: writeOutcomeSchema }),
]);
type Line = z.infer<typeof lineSchema>;

/** A restart compares it with what the record holds. Longer values are not compared. */
export const MAX_KEPT_VALUE_LENGTH = 64 * 1024;

export function headLine(journalId: string): string {
  return toLine({ t: "journal", id: journalId });
}

export function intentLine({ value, ...write }: OpenWrite, nowMs: number): string {
  const line = { t: "intent" as const, at_ms: nowMs, ...write };
  const isKept = value !== undefined && JSON.stringify(value).length <= MAX_KEPT_VALUE_LENGTH;
  return toLine(isKept ? { ...line, value } : line);
}

export function outcomeLine(writeId: string, result: WriteOutcome, nowMs: number): string {
  return toLine({ t: "outcome", id: writeId, at_ms: nowMs, result });
}

function toLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

/** A write that was begun and whose end the journal does not know. */
export interface OpenWrite {
  readonly id: string;
  readonly instance: string;
  readonly record: string;
  readonly value: JsonValue | undefined;
}

export interface JournalText {
  /** Undefined if the text does not begin with a journal's name. */
  readonly id: string | undefined;
  readonly entries: ReadonlyMap<string, RememberedEntry>;
  readonly open: readonly OpenWrite[];
  /**
   * An ended line that can't be read: something was forgotten. The last line, if it did not end, was cut while it was
   * written; what it announced had not begun.
   */
  readonly isDamaged: boolean;
}

export function readJournalText(text: string): JournalText {
  const entries = new Map<string, RememberedEntry>();
  const open = new Map<string, OpenWrite>();
  let journalId: string | undefined;
  let isDamaged = false;
  const lines = text.split("\n");
  const whole = lines.slice(0, -1);
  for (const [i, lineText] of whole.entries()) {
    const line = readLine(lineText);
    if (line === undefined || (line.t === "journal") !== (i === 0)) {
      isDamaged = true;
      continue;
    }
    switch (line.t) {
      case "journal":
        journalId = line.id;
        break;
      case "intent": {
        const { instance, record, value } = line;
        entries.set(line.id, { atMs: line.at_ms, outcome: undefined });
        open.set(line.id, { id: line.id, instance, record, value });
        break;
      }
      case "outcome":
        entries.set(line.id, {
          atMs: entries.get(line.id)?.atMs ?? line.at_ms,
          outcome: line.result,
        });
        open.delete(line.id);
        break;
    }
  }
  return { id: journalId, entries, open: [...open.values()], isDamaged };
}

function readLine(text: string): Line | undefined {
  try {
    return safeParse(lineSchema, JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
