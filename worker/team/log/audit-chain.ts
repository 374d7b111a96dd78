/**
 * Verifies the chain of a team's log, a part at a time: that every line is as it was stored, and none is missing.
 */
import * as z from "zod/mini";
import { sha256 } from "../../auth/sha256.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

/** What the first entry's hash covers. */
export const FIRST_HASH = "0".repeat(64);

/** Hashed at a time by the team's object: some 50 ms. */
const MAX_PART = 5_000;

const markRow = z.object({ seq: z.number(), hash: z.string() });
const linkRow = z.extend(markRow, { entry: z.string() });
type Link = z.infer<typeof linkRow>;

export interface AuditMark {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainPart {
  readonly checked: number;
  /** The first line that is not as it was stored, or that follows a missing one. */
  readonly brokenAt: number | null;
  /** The last line verified; null if there was none. */
  readonly last: AuditMark | null;
  readonly isEnd: boolean;
}

/** The last deleted entry: the oldest remaining one's hash covers its hash. */
export function readFloor(sql: Sql): AuditMark {
  const [floor] = rowsOf(sql, markRow, "SELECT seq, hash FROM audit_floor");
  return floor ?? { seq: 0, hash: FIRST_HASH };
}

/** Replaces the entries up to there, in the turn in which they are deleted. */
export function storeFloor(sql: Sql, seq: number): void {
  sql.exec(
    "INSERT OR REPLACE INTO audit_floor SELECT 1, seq, hash FROM audit WHERE seq <= ? ORDER BY seq DESC LIMIT 1",
    seq,
  );
}

/** Starts after number `after`, where the previous part ended; 0 for the oldest. */
export function verifyPart(sql: Sql, after: number, maxPart = MAX_PART): ChainPart {
  const floor = readFloor(sql);
  const [start = floor] =
    after > floor.seq
      ? rowsOf(sql, markRow, "SELECT seq, hash FROM audit WHERE seq = ?", after)
      : [];
  const links = rowsOf(
    sql,
    linkRow,
    "SELECT seq, hash, entry FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
    start.seq,
    maxPart,
  );
  const brokenAt = firstBroken(links, start);
  const last = links.at(-1);
  return {
    checked: links.length,
    brokenAt,
    last: last === undefined ? null : { seq: last.seq, hash: last.hash },
    isEnd: links.length < maxPart,
  };
}

function firstBroken(links: readonly Link[], start: AuditMark): number | null {
  let before = start;
  for (const { seq, hash, entry } of links) {
    const isNext = seq === before.seq + 1;
    if (!isNext || hash !== chainHash(before.hash, entry)) return seq;
    before = { seq, hash };
  }
  return null;
}

export function chainHash(before: string, entry: string): string {
  return sha256(`${before}\n${entry}`);
}
