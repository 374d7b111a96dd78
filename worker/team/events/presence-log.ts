/** The state of the team's relays, and what changed lately. Rows of the team object. */
import * as z from "zod/mini";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import type { Heard, PresenceEvent, PresenceReport } from "./events-rpc.ts";

/** A reader that was away for longer gets the state of all relays instead. */
const KEPT_EVENTS = 1_000;
const KEPT_MS = 24 * 3_600_000;

/** Of nothing that happened; and of what did first, so that whoever heard of nothing knows whether it is still there. */
const NONE = 0;
const FIRST = 1;

const reportSchema = z.object({
  atMs: z.number(),
  connected: z.boolean(),
  sinceMs: z.number(),
  instances: z.array(z.object({ name: z.string(), state: z.enum(["up", "down"]) })),
});
const bodyRow = z.object({ body: z.string() });
const seqRow = z.object({ seq: z.number() });
const eventRow = z.object({
  seq: z.number(),
  event: z.enum(["relay", "instance"]),
  data: z.string(),
});
const dataSchema = z.record(z.string(), z.unknown());

export function readReport(sql: Sql, relay: string): PresenceReport | undefined {
  const query = "SELECT body FROM relay_presence WHERE relay = ?";
  const [row] = rowsOf(sql, bodyRow, query, relay);
  return row === undefined ? undefined : reportSchema.parse(JSON.parse(row.body));
}

export function writeReport(sql: Sql, relay: string, report: PresenceReport): void {
  const body = JSON.stringify(report);
  sql.exec("INSERT OR REPLACE INTO relay_presence VALUES (?, ?)", relay, body);
}

export function deleteReport(sql: Sql, relay: string): void {
  sql.exec("DELETE FROM relay_presence WHERE relay = ?", relay);
}

/**
 * Each number is the time at least: one that a backup takes back is not given to another event later, and whoever has got so
 * far is told of a gap. The newest that is too old stays, for whoever has got so far and misses nothing.
 */
export function appendEvent(
  sql: Sql,
  { event, data }: Omit<PresenceEvent, "seq">,
  nowMs: number,
): void {
  const last = lastSeq(sql);
  const seq = last === NONE ? FIRST : Math.max(last + 1, nowMs);
  const add = "INSERT INTO presence_event (seq, at, event, data) VALUES (?, ?, ?, ?)";
  sql.exec(add, seq, nowMs, event, JSON.stringify(data));
  const tooMany = "SELECT seq FROM presence_event ORDER BY seq DESC LIMIT 1 OFFSET ?";
  const tooOld = "SELECT MAX(seq) FROM presence_event WHERE at < ?";
  const forget = `DELETE FROM presence_event WHERE seq < (${tooMany}) OR seq < (${tooOld})`;
  sql.exec(forget, KEPT_EVENTS, nowMs - KEPT_MS);
}

/** Without the relays, which are reported if `isGap`, or if nothing was heard yet. */
export function hearBehind(sql: Sql, after: number | null): Omit<Heard, "relays"> {
  const last = lastSeq(sql);
  if (after === null || after === last) return { events: [], isGap: false, last };
  const query = "SELECT seq, event, data FROM presence_event WHERE seq >= ? ORDER BY seq";
  const begin = after === NONE ? FIRST : after;
  const rows = rowsOf(sql, eventRow, query, begin);
  const isGap = rows[0]?.seq !== begin;
  if (isGap) return { events: [], isGap, last };
  const behind = rows.filter(({ seq }) => seq > after);
  const events = behind.map((row) => ({ ...row, data: dataSchema.parse(JSON.parse(row.data)) }));
  return { events, isGap, last };
}

function lastSeq(sql: Sql): number {
  const query = "SELECT seq FROM presence_event ORDER BY seq DESC LIMIT 1";
  return rowsOf(sql, seqRow, query)[0]?.seq ?? NONE;
}
