/**
 * How far a reader of the event stream has come, as the opaque id that each event carries and `Last-Event-ID`
 * brings back. It is not secret and gives no access: a forged one only reads from another position of what its
 * sender may read anyway. Pure.
 */
import { base64url } from "jose";
import * as z from "zod/mini";
import type { Cursor } from "#shared/link/methods/samples-read.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { crc32 } from "../auth/crc32.ts";
import type { EventsAsked } from "./event-query.ts";
import { MAX_POSITION_LENGTH, MAX_RECORDS } from "./limits.ts";

const FORM = 1;

export interface Position {
  /** Identifies the connection that the reader had. */
  readonly stream: string;
  /** The number of the last presence event; null: none yet, or none wanted. */
  readonly presence: number | null;
  /** In the order of the selection's records; undefined: nothing of the record was seen. */
  readonly cursors: readonly (Cursor | undefined)[];
}

/** A position is valid only for the selection that it was made for. */
export type Selection = Pick<EventsAsked, "records" | "presence">;

const count = z.number().check(z.int(), z.minimum(0));

const formSchema = z.tuple([
  z.literal(FORM),
  z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  /** CRC-32 of the selection. */
  count,
  z.nullable(count),
  /** Epochs are long, and most records share one. */
  z.array(z.string().check(z.maxLength(40))).check(z.maxLength(MAX_RECORDS)),
  z.array(z.nullable(z.tuple([count, count]))).check(z.maxLength(MAX_RECORDS)),
]);

export function formatPosition({ stream, presence, cursors }: Position, of: Selection): string {
  const epochs = [...new Set(cursors.flatMap((cursor) => cursor?.epoch ?? []))];
  const places = cursors.map((cursor) =>
    cursor === undefined ? null : [epochs.indexOf(cursor.epoch), cursor.sequence],
  );
  const form = [FORM, stream, digestOf(of), presence, epochs, places];
  return base64url.encode(JSON.stringify(form));
}

/** Undefined for a text that is not a position, or belongs to another selection. */
export function parsePosition(text: string, of: Selection): Position | undefined {
  if (text.length > MAX_POSITION_LENGTH) return undefined;
  const form = safeParse(formSchema, readJson(text));
  if (!form.success) return undefined;
  const [, stream, digest, presence, epochs, places] = form.data;
  if (digest !== digestOf(of) || places.length !== of.records.length) return undefined;
  const cursors = places.map((place) => {
    const epoch = place === null ? undefined : epochs[place[0]];
    return place === null || epoch === undefined ? undefined : { epoch, sequence: place[1] };
  });
  return { stream, presence, cursors };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(base64url.decode(text)));
  } catch {
    return undefined;
  }
}

function digestOf({ records, presence }: Selection): number {
  return crc32(
    JSON.stringify([presence, records.map(({ instance, record }) => [instance, record])]),
  );
}
