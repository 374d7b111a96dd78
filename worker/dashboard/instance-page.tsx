/** `/relays/<relay>/<instance>`: its records with their current values. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Failure } from "#shared/failure.ts";
import type {
  Fleet,
  ListedRecord,
  RecordEntry,
  RecordPage,
  RecordReading,
} from "#shared/fleet/fleet.ts";
import { MAX_RECORDS_PER_GET } from "#shared/link/methods/record-get.ts";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import { ok, type Result } from "#shared/result.ts";
import { pageResponse, Problem } from "../pages/page.tsx";
import { liveUrl, LiveRegion, type Drawn } from "./live-region.tsx";
import { navOf } from "./nav.ts";
import { missingPage, type OpenedPage } from "./open-page.ts";
import { Pages } from "./paging.tsx";
import { Sparkline } from "./plot.tsx";
import { ageText, shortValue } from "./shown.tsx";
import { instanceUrl, recordUrl, teamUrl, type TeamPlace } from "./team-url.ts";

/** More points than a line of that width can show. */
const TRACE_POINTS = 40;

interface InstanceRecords extends RecordPage {
  readonly entries: ReadonlyMap<string, RecordEntry>;
  /** Why none of the records could be read. */
  readonly unread: Failure | undefined;
}

export interface InstanceAsked {
  readonly instance: string;
  readonly offset: number;
}

export async function instancePage(opened: OpenedPage, asked: InstanceAsked): Promise<Response> {
  const { session, place } = opened;
  const { instance, offset } = asked;
  const records = await readRecords(opened.fleet, asked);
  if (!records.ok && records.error.code === "unknown_instance") return missingPage(session);
  const body = (
    <>
      <p class="crumbs">
        <a href={teamUrl(place, "/")}>Overview</a>
      </p>
      <h1>{instance}</h1>
      <LiveRegion src={liveUrl(place, instance, { offset: String(offset) })}>
        <Records records={records} instance={instance} place={place} />
      </LiveRegion>
      {records.ok ? (
        <Pages
          offset={offset}
          size={MAX_RECORDS_PER_GET}
          next={records.value.nextOffset}
          to={(at) => instanceUrl(place, instance, { offset: String(at) })}
        />
      ) : null}
    </>
  );
  const nav = navOf(opened, "Overview");
  return pageResponse({ title: instance, body, reader: session, nav, isLive: true });
}

export async function instanceFragment(
  { fleet, place }: OpenedPage,
  asked: InstanceAsked,
): Promise<Drawn> {
  const records = await readRecords(fleet, asked);
  const fragment = <Records records={records} instance={asked.instance} place={place} />;
  return { fragment, failure: records.ok ? records.value.unread : records.error };
}

/** Two calls to the device, however many records there are. */
async function readRecords(
  fleet: Fleet,
  { instance, offset }: InstanceAsked,
): Promise<Result<InstanceRecords, Failure>> {
  const page = { offset, limit: MAX_RECORDS_PER_GET, writableOnly: false };
  const listed = await fleet.listRecords(instance, page);
  if (!listed.ok) return listed;
  const keys = listed.value.records
    .filter(({ observed }) => observed !== "never")
    .map(({ record_key }) => record_key);
  const read =
    keys.length === 0
      ? ok([])
      : await fleet.getRecords(instance, keys, { tracePoints: TRACE_POINTS });
  const entries = new Map(read.ok ? read.value.map((entry) => [entry.record, entry]) : []);
  return ok({ ...listed.value, entries, unread: read.ok ? undefined : read.error });
}

function Records({
  records,
  instance,
  place,
}: {
  records: Result<InstanceRecords, Failure>;
  instance: string;
  place: TeamPlace;
}): JSX.Element {
  if (!records.ok) return <Problem text={presentableText(records.error.message)} />;
  const { records: rows, entries, total, unread } = records.value;
  if (rows.length === 0) return <p>This instance has no record.</p>;
  return (
    <div class="scroll card">
      <Problem text={unread === undefined ? undefined : presentableText(unread.message)} />
      <table class="stacked">
        <caption class="muted">{`${rows.length} of ${total} records`}</caption>
        <thead>
          <tr>
            <th scope="col">Record</th>
            <th scope="col">Value</th>
            <th scope="col">Lately</th>
            <th scope="col" class="number">
              Age
            </th>
            <th scope="col">Access</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              row={row}
              entry={entries.get(row.record_key)}
              isRead={unread === undefined}
              href={recordUrl(place, instance, row.record_key)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  row,
  entry,
  isRead,
  href,
}: {
  row: ListedRecord;
  entry: RecordEntry | undefined;
  isRead: boolean;
  href: string;
}): JSX.Element {
  const { reading, trace } = entry ?? {};
  const sample = reading?.ok === true ? reading.value.sample : undefined;
  return (
    <tr>
      <th scope="row">
        <a href={href}>{presentableText(row.record_key, 100)}</a>
        <small class="muted block">{presentableText(row.type_name, 60)}</small>
      </th>
      <td class="value">
        {sample === undefined ? (
          <span class="muted">{whyNone(row, reading, isRead)}</span>
        ) : (
          <code>{shortValue(sample.value)}</code>
        )}
      </td>
      <td class="lately">{trace === undefined ? null : <Sparkline series={trace} />}</td>
      <td class="number">{sample === undefined ? "–" : ageText(sample.ageMs)}</td>
      <td class="writable">{row.writable ? "writable" : "read only"}</td>
    </tr>
  );
}

function whyNone(
  { observed, buffer_type }: ListedRecord,
  reading: Result<RecordReading, Failure> | undefined,
  isRead: boolean,
): string {
  if (observed === "never") {
    return buffer_type === "mailbox"
      ? "not read: reading would take messages away"
      : "not read: the host does not let it be watched";
  }
  if (!isRead) return "could not be read now";
  return reading?.ok === false ? presentableText(reading.error.message, 160) : "nothing yet";
}
