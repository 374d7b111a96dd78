/** Questions to the team's log. */
import * as z from "zod/mini";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { readSettings } from "./stored-settings.ts";

const DAY_MS = 86_400_000;

export interface ActivityQuery {
  /** The entries' principal; absent: everybody's. */
  readonly principal?: string | undefined;
  readonly action?: string | undefined;
  /** A relay, an instance, or what was changed. */
  readonly target?: string | undefined;
  readonly outcome?: string | undefined;
  readonly call?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

export interface ActivityPage {
  /** `newest`: back in time from before `from`; `oldest`: forward from after it. */
  readonly order: "newest" | "oldest";
  readonly from?: number | undefined;
  readonly limit: number;
  /** False leaves out an intent whose outcome is in the log; the chain needs both. */
  readonly withIntents: boolean;
}

export interface ActivityLine {
  readonly seq: number;
  readonly hash: string;
  /** An AuditEntry as JSON: the exact text that the hash covers. */
  readonly entry: string;
  /** The person's name, the token's label, or what the external issuer calls its person; null if there is none. */
  readonly name: string | null;
  /** The person's. */
  readonly email: string | null;
  /** When the person left, or the token ended. */
  readonly endedAtMs: number | null;
  /** The name of the person who confirmed or declined a write. */
  readonly approver: string | null;
}

const lineRow = z.object({
  seq: z.number(),
  hash: z.string(),
  entry: z.string(),
  name: z.nullable(z.string()),
  email: z.nullable(z.string()),
  endedAtMs: z.nullable(z.number()),
  approver: z.nullable(z.string()),
});

/** Searched at a time: some 15 ms. */
const MAX_PART = 5_000;

const endsRow = z.object({ oldest: z.nullable(z.number()), newest: z.nullable(z.number()) });

export interface ActivityPart {
  readonly lines: ActivityLine[];
  /** Pass it as `from` for the rest, in the same order; undefined: there is none. */
  readonly next: number | undefined;
}

interface PartAsked {
  readonly page: ActivityPage;
  readonly nowMs: number;
  readonly maxPart?: number | undefined;
}

/** Entries older than the team's retention are not returned, purged or not. */
export function readActivity(
  sql: Sql,
  query: ActivityQuery,
  { page, nowMs, maxPart = MAX_PART }: PartAsked,
): ActivityPart {
  const { order, limit, withIntents } = page;
  const keptSinceMs = nowMs - readSettings(sql).retention_days * DAY_MS;
  const isNewest = order === "newest";
  // The index finds a call's lines at once.
  const part = partOf(sql, page, query.call === undefined ? maxPart : Infinity);
  const wanted: [condition: string, ...values: (string | number | undefined)[]][] = [
    ["a.at >= ?", Math.max(keptSinceMs, query.sinceMs ?? 0)],
    ["a.at < ?", query.untilMs],
    ["a.seq > ?", part.after],
    ["a.seq < ?", part.before],
    ["a.principal = ?", query.principal],
    ["a.action = ?", query.action],
    // An instance is `<relay>/<name>`.
    [`(${AT_TARGET} OR (a.target IS NULL AND ${AT_SEVERAL}))`, ...sixTimes(query.target)],
    ["a.outcome = ?", query.outcome],
    ["a.call = ?", query.call],
  ];
  const asked = wanted.filter(([, value]) => value !== undefined);
  const conditions = asked.map(([condition]) => condition);
  const values = asked.flatMap(([, ...given]) => given.filter((value) => value !== undefined));
  const lines = rowsOf(
    sql,
    lineRow,
    `SELECT a.seq, a.hash, a.entry,
       COALESCE(m.display_name, NULLIF(COALESCE(t.label, f.name), ''), x.subject) AS name,
       COALESCE(m.email, f.email) AS email, f.ended_at AS endedAtMs,
       COALESCE(p.display_name, q.name, json_extract(a.entry, '$.approver')) AS approver
     FROM audit a LEFT JOIN member m ON m.id = a.principal LEFT JOIN access_token t ON t.id = a.principal
       LEFT JOIN former_principal f ON f.id = a.principal LEFT JOIN external_subject x ON x.id = a.principal
       LEFT JOIN member p ON p.id = json_extract(a.entry, '$.approver')
       LEFT JOIN former_principal q ON q.id = json_extract(a.entry, '$.approver')
     WHERE ${[...conditions, ...(withIntents ? [] : [NO_ENDED_INTENT])].join(" AND ")}
     ORDER BY a.seq ${isNewest ? "DESC" : "ASC"} LIMIT ?`,
    ...values,
    limit,
  );
  return { lines, next: part.next };
}

/** The numbers that bound a part. */
function partOf(sql: Sql, { order, from }: ActivityPage, maxPart: number) {
  const query =
    "SELECT (SELECT MIN(seq) FROM audit) AS oldest, (SELECT MAX(seq) FROM audit) AS newest";
  const { oldest, newest } = rowsOf(sql, endsRow, query)[0] ?? {};
  const first = oldest ?? 0;
  const last = newest ?? 0;
  if (order === "newest") {
    const before = Math.min(from ?? Infinity, last + 1);
    const after = Math.max(before - 1 - maxPart, first - 1);
    return { after, before, next: after >= first ? after + 1 : undefined };
  }
  const after = Math.max(from ?? 0, first - 1);
  const before = Math.min(after + 1 + maxPart, last + 1);
  return { after, before, next: before <= last ? before - 1 : undefined };
}

const NO_ENDED_INTENT = `(a.outcome IS NOT NULL OR NOT EXISTS
  (SELECT 1 FROM audit o WHERE o.call = a.call AND o.action = a.action AND o.outcome IS NOT NULL))`;

const AT_TARGET = "a.target = ? OR substr(a.target, 1, length(?) + 1) = ? || '/'";
const AT_SEVERAL = `EXISTS (SELECT 1 FROM json_each(a.entry, '$.instances') n
  WHERE n.value = ? OR substr(n.value, 1, length(?) + 1) = ? || '/')`;

function sixTimes<T>(value: T): [T, T, T, T, T, T] {
  return [value, value, value, value, value, value];
}
