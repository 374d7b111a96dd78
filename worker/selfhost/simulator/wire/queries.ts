/** What both wires have in common in `record.query`, `record.drain` and `record.list`. */

import type { Sample } from "../database/buffer.ts";
import { globMatcher, topicMatcher } from "../database/topic-pattern.ts";
import type { Matcher } from "../database/topic-pattern.ts";
import type { HistoryRow } from "../database/history.ts";
import { metadataText } from "../database/metadata.ts";
import type { AimxVersion } from "../host-config.ts";
import { listText, objectText } from "../json/text.ts";
import type { Value, ValueObject } from "../json/value.ts";
import type { Host } from "./session.ts";

/** Newest first. Parameters of the wrong type count as absent. */
export function selectHistory(host: Host, params: ValueObject): readonly HistoryRow[] {
  const pattern = typeof params["name"] === "string" ? params["name"] : undefined;
  return host.database.history.select({
    matches: matcherFor(host.config.aimx, pattern),
    limitPerRecord: unsigned(params["limit"]) ?? 1n,
    startMs: unsigned(params["start"]),
    endMs: unsigned(params["end"]),
  });
}

/** Everything is asked for by `*` up to AimX v2 and by `#` from then on. */
function matcherFor(aimx: AimxVersion, pattern: string | undefined): Matcher {
  if (aimx === "3.0") return topicMatcher(pattern ?? "#");
  return aimx === "2.0" && pattern === "#" ? globMatcher("*") : globMatcher(pattern ?? "*");
}

/** The result of `record.query` before AimX v3. */
export function valuesText(rows: readonly HistoryRow[]): string {
  const values = rows.map(({ record, storedAtMs, text }) =>
    objectText([
      ["record", JSON.stringify(record)],
      ["stored_at", String(storedAtMs)],
      ["value", text],
    ]),
  );
  return objectText([
    ["count", String(rows.length)],
    ["values", listText(values)],
  ]);
}

export function drainedText(name: string, samples: readonly Sample[]): string {
  return objectText([
    ["count", String(samples.length)],
    ["record_name", JSON.stringify(name)],
    ["values", listText(samples.map(({ sorted }) => sorted))],
  ]);
}

export function recordListText({ config, database }: Host): string {
  return listText(database.records.map((record) => metadataText(record, config)));
}

export function unsigned(value: Value | undefined): bigint | undefined {
  return typeof value === "bigint" && value >= 0n ? value : undefined;
}
