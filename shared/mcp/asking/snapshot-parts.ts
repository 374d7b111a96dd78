/** The reads behind a snapshot. Each part may fail on its own; what failed is named. */
import { failure, type Failure } from "../../failure.ts";
import type { Fleet, History, ListedRecord, RecordReading } from "../../fleet/fleet.ts";
import { MAX_RECORDS_PER_GET } from "../../link/methods/record-get.ts";
import { nearestRecords } from "../../text/nearest.ts";
import { err, ok, type Result } from "../../result.ts";
import type { RecordFacts } from "../findings/attention.ts";
import type { Diagnostics } from "../answers/diagnostics-shape.ts";
import type { GraphPage } from "../../fleet/graph-page.ts";

/** Rows looked at; an instance with more is better asked record by record. */
const MAX_ROWS = 200;

/** Records whose newest samples are shown if no record is named. */
const MAX_RECENT = 3;

/**
 * The least an edge takes in a chart. A partial chart is of no use, so more edges than fit beside the rest are not
 * fetched.
 */
const MIN_EDGE_BYTES = 20;

export interface SnapshotParts {
  readonly records: readonly RecordFacts[];
  /** The one that was asked for. */
  readonly named: RecordFacts | undefined;
  /** Its value, if the list of records can't be had since the relay is away. */
  readonly lastKnown: RecordReading | undefined;
  readonly recordCount: number | null;
  readonly graph: GraphPage | undefined;
  readonly diagnostics: Diagnostics | undefined;
  readonly recent: readonly History[];
  readonly missing: readonly { readonly part: string; readonly failure: Failure }[];
}

export interface SnapshotQuery {
  readonly instance: string;
  /** A key, or a type name that only one record has. */
  readonly record: string | undefined;
  /** For each record whose history is shown. */
  readonly samples: number;
  readonly maxBytes: number;
}

export async function readParts(
  fleet: Fleet,
  query: SnapshotQuery,
): Promise<Result<SnapshotParts, Failure>> {
  const { instance, record, maxBytes } = query;
  const [rows, graph, diagnostics] = await Promise.all([
    readRows(fleet, instance, record),
    fleet.graph(instance, { record, offset: 0, limit: Math.ceil(maxBytes / MIN_EDGE_BYTES) }),
    fleet.diagnostics(instance, { limit: MAX_ROWS }),
  ]);
  if (!rows.ok && rows.error.code === "unknown_record") return rows;
  const { listed, key = record } = valueOf(rows) ?? NO_ROWS;
  const [values, recent] = await Promise.all([
    readValues(fleet, instance, listed.length > 0 ? toRead(listed, key) : [key]),
    readRecent(fleet, { ...query, record: key }, listed),
  ]);
  const records = toFacts(listed, values, valueOf(diagnostics));
  return ok({
    records,
    named: records.find(({ row }) => row.record_key === key),
    lastKnown: listed.length === 0 ? lastKnownOf(values, key) : undefined,
    recordCount: valueOf(rows)?.total ?? null,
    graph: valueOf(graph),
    diagnostics: valueOf(diagnostics),
    recent: valueOf(recent) ?? [],
    missing: missingOf({ records: rows, values, graph, diagnostics, recent }),
  });
}

function toFacts(
  listed: readonly ListedRecord[],
  values: Result<Readings, Failure>,
  diagnostics: Diagnostics | undefined,
): RecordFacts[] {
  const metrics = new Map(diagnostics?.records.map((row) => [row.record_key, row]));
  return listed.map((row) => ({
    row,
    reading: values.ok ? values.value.get(row.record_key) : values,
    metrics: metrics.get(row.record_key),
  }));
}

function lastKnownOf(
  values: Result<Readings, Failure>,
  key: string | undefined,
): RecordReading | undefined {
  const reading = valueOf(values)?.get(key ?? "");
  return reading === undefined ? undefined : valueOf(reading);
}

function valueOf<T>(result: Result<T, Failure>): T | undefined {
  return result.ok ? result.value : undefined;
}

function missingOf(
  parts: Readonly<Record<string, Result<unknown, Failure>>>,
): SnapshotParts["missing"] {
  return Object.entries(parts).flatMap(([part, result]) =>
    result.ok ? [] : [{ part, failure: result.error }],
  );
}

interface Rows {
  readonly listed: readonly ListedRecord[];
  readonly total: number;
  /** The named record's. */
  readonly key?: string | undefined;
}

const NO_ROWS: Rows = { listed: [], total: 0 };

/** The named record is among them, however many there are. */
async function readRows(
  fleet: Fleet,
  instance: string,
  record: string | undefined,
): Promise<Result<Rows, Failure>> {
  const page = { offset: 0, limit: MAX_ROWS, writableOnly: false };
  const all = await fleet.listRecords(instance, page);
  if (!all.ok) return all;
  const { records: listed, total, nextOffset } = all.value;
  if (record === undefined) return ok({ listed, total });
  const named = findNamed(listed, record);
  if (named !== undefined) return ok({ listed, total, key: named.record_key });
  const found =
    nextOffset === null
      ? undefined
      : await fleet.listRecords(instance, { ...page, nameFilter: record });
  if (found?.ok === false) return found;
  const other = findNamed(found?.value.records ?? [], record);
  if (other === undefined) return err(unknownRecord(record, listed));
  return ok({ listed: [other, ...listed], total, key: other.record_key });
}

/** By its key, or by a type that no other has. */
function findNamed(rows: readonly ListedRecord[], record: string): ListedRecord | undefined {
  const [byType, ...others] = rows.filter(({ type_name }) => type_name === record);
  const byKey = rows.find(({ record_key }) => record_key === record);
  return byKey ?? (others.length === 0 ? byType : undefined);
}

function unknownRecord(record: string, rows: readonly ListedRecord[]): Failure {
  const named = rows.map(({ record_key: key, type_name }) => ({ key, type_name }));
  const nearest = nearestRecords(record, named);
  const hint = nearest.length > 0 ? ` Nearest: ${nearest.join(", ")}.` : "";
  const message = `This instance has no such record.${hint} Call list_records.`;
  return failure("unknown_record", message, { nearest });
}

function keyOf({ record_key }: ListedRecord): string {
  return record_key;
}

/**
 * All but those that would take seconds each, one after another: a ring that is not watched and of which no sample is
 * known shows only its next sample, in another record's place at the host.
 */
function toRead(rows: readonly ListedRecord[], named: string | undefined): string[] {
  const isSlow = ({ buffer_type, observed, latest, last_update }: ListedRecord) =>
    buffer_type === "spmc_ring" &&
    observed === "on_demand" &&
    latest === null &&
    last_update === null;
  return rows.filter((row) => row.record_key === named || !isSlow(row)).map(keyOf);
}

type Readings = ReadonlyMap<string, Result<RecordReading, Failure>>;

/** By key; only the first ones. */
async function readValues(
  fleet: Fleet,
  instance: string,
  names: readonly (string | undefined)[],
): Promise<Result<Readings, Failure>> {
  const keys = names.filter((key) => key !== undefined).slice(0, MAX_RECORDS_PER_GET);
  if (keys.length === 0) return ok(new Map());
  const entries = await fleet.getRecords(instance, keys);
  if (!entries.ok) return entries;
  return ok(new Map(entries.value.map(({ record, reading }) => [record, reading])));
}

/** The named record's, or those of the records that moved last. None of a record that can't be watched. */
async function readRecent(
  fleet: Fleet,
  { instance, record, samples, maxBytes }: SnapshotQuery,
  rows: readonly ListedRecord[],
): Promise<Result<readonly History[], Failure>> {
  if (samples === 0) return ok([]);
  const watched = rows.filter(({ latest, observed }) => latest !== null && observed === "live");
  const lastMoved = watched
    .toSorted((a, b) => (a.latest?.ageMs ?? 0) - (b.latest?.ageMs ?? 0))
    .slice(0, MAX_RECENT)
    .map(({ record_key }) => record_key);
  const answers = await Promise.all(
    (record === undefined ? lastMoved : [record]).map((key) =>
      fleet.history(instance, { record: key, maxPoints: samples, maxBytes }),
    ),
  );
  const [first] = answers;
  const histories = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
  if (first?.ok === false && histories.length === 0 && !EMPTY.has(first.error.code)) {
    return err(first.error);
  }
  return ok(histories);
}

/** Facts about the record that are elsewhere in the snapshot. */
const EMPTY: ReadonlySet<Failure["code"]> = new Set(["not_observable", "no_value"]);
