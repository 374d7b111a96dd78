/**
 * What the team's metrics count. Rows of the team object: one per kind, because they are read and written as a
 * whole.
 */
import * as z from "zod/mini";
import { CacheTally, cacheCountsSchema, type CacheCounts } from "#shared/metrics/cache-counts.ts";
import { CallTally, callCountsSchema, type CallCounts } from "#shared/metrics/call-counts.ts";
import type { ToolEntry } from "../../access/audit-entry.ts";
import { WORKER_CACHES, type WorkerCache } from "../../metrics/cache-uses.ts";
import { LINK_COUNTS, type LinkTotals, type RelayCounts } from "../../relay/link/link-counts.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

const bodyRow = z.object({ body: z.string() });
const linkSchema = z.partialRecord(z.enum(LINK_COUNTS), z.number());

const TOOL_PREFIX = "tool.";

export interface CountsView {
  readonly tools: CallCounts;
  /** Calls at devices, by the link's methods. */
  readonly devices: CallCounts;
  readonly link: LinkTotals;
  /** From the isolates that serve the team. */
  readonly caches: CacheCounts;
}

export class TeamCounts {
  readonly #sql: Sql;
  #tools: CallTally | undefined;
  #devices: CallTally | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All of them, including those that share a line in the log. */
  noteTools(entries: readonly ToolEntry[]): void {
    if (entries.length === 0) return;
    const tools = this.#tools ?? this.#readCalls("tools");
    // If it can't be stored it is not counted.
    this.#tools = undefined;
    for (const { action, outcome, duration_ms } of entries) {
      const name = action.startsWith(TOOL_PREFIX) ? action.slice(TOOL_PREFIX.length) : action;
      tools.note(name, outcome, duration_ms);
    }
    this.#write("tools", tools.read());
    this.#tools = tools;
  }

  noteCaches(uses: CacheCounts): void {
    if (uses.length === 0) return;
    const caches = this.#readCaches();
    caches.add(uses);
    this.#write("caches", caches.read());
  }

  noteRelay({ calls, link }: RelayCounts): void {
    const devices = (this.#devices ??= this.#readCalls("devices"));
    if (calls.length > 0) {
      devices.add(calls);
      this.#write("devices", devices.read());
    }
    const before = this.#readLink();
    const sums = LINK_COUNTS.map((name) => [name, (before[name] ?? 0) + (link[name] ?? 0)]);
    this.#write("link", Object.fromEntries(sums));
  }

  read(): CountsView {
    return {
      tools: (this.#tools ??= this.#readCalls("tools")).read(),
      devices: (this.#devices ??= this.#readCalls("devices")).read(),
      link: this.#readLink(),
      caches: this.#readCaches().read(),
    };
  }

  #readCalls(kind: string): CallTally {
    const tally = new CallTally();
    const body = this.#read(kind);
    if (body !== undefined) tally.add(callCountsSchema.parse(JSON.parse(body)));
    return tally;
  }

  #readCaches(): CacheTally<WorkerCache> {
    const tally = new CacheTally(WORKER_CACHES);
    const body = this.#read("caches");
    if (body !== undefined) tally.add(cacheCountsSchema.parse(JSON.parse(body)));
    return tally;
  }

  #readLink(): LinkTotals {
    const body = this.#read("link");
    return body === undefined ? {} : linkSchema.parse(JSON.parse(body));
  }

  #read(kind: string): string | undefined {
    return rowsOf(this.#sql, bodyRow, "SELECT body FROM counts WHERE kind = ?", kind)[0]?.body;
  }

  #write(kind: string, counts: unknown): void {
    const put = "INSERT OR REPLACE INTO counts VALUES (?, ?)";
    this.#sql.exec(put, kind, JSON.stringify(counts));
  }
}
