/** What a caller wants to hear of: the query of `/api/v1/events`. Pure. */
import { parseInstanceId } from "#shared/instance-id.ts";
import { MAX_KEY_LENGTH } from "#shared/link/limits.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { MAX_INSTANCES, MAX_POSITION_LENGTH, MAX_RECORDS } from "./limits.ts";

export interface RecordRef {
  readonly instance: string;
  readonly record: string;
}

export interface EventsAsked {
  /** In the order asked, each once. */
  readonly records: readonly RecordRef[];
  readonly presence: boolean;
  /** The id of the last event that the reader saw; undefined: it starts afresh. */
  readonly lastEventId: string | undefined;
}

const KNOWN = new Set(["record", "presence", "last_event_id"]);

/** The error is text for a person. */
export function readEventsQuery(
  query: URLSearchParams,
  lastEventIdHeader: string | null,
): Result<EventsAsked, string> {
  if ([...query.keys()].some((name) => !KNOWN.has(name))) {
    return err("It takes only record, presence and last_event_id.");
  }
  const lastEventId = lastEventIdHeader ?? query.get("last_event_id") ?? "";
  if (lastEventId.length > MAX_POSITION_LENGTH) {
    return err("The last event's id is longer than any that was given out.");
  }
  const presence = PRESENCE.get(query.get("presence"));
  if (presence === undefined) return err("presence is true or false.");
  const records = readRecords(query.getAll("record"));
  if (!records.ok) return records;
  if (!presence && records.value.length === 0)
    return err("Without presence and records there is nothing to report.");
  return ok({
    records: records.value,
    presence,
    lastEventId: lastEventId === "" ? undefined : lastEventId,
  });
}

const PRESENCE: ReadonlyMap<string | null, boolean> = new Map([
  [null, true],
  ["true", true],
  ["false", false],
]);

function readRecords(texts: readonly string[]): Result<RecordRef[], string> {
  const wanted = [...new Set(texts)];
  if (wanted.length > MAX_RECORDS) return err(`A stream has ${MAX_RECORDS} records at most.`);
  const records: RecordRef[] = [];
  for (const text of wanted) {
    const record = parseRecordRef(text);
    if (record === undefined) return err("A record is named <relay>/<instance>/<key>.");
    records.push(record);
  }
  const instances = new Set(records.map(({ instance }) => instance));
  if (instances.size > MAX_INSTANCES) {
    return err(`A stream has records of ${MAX_INSTANCES} instances at most.`);
  }
  return ok(records);
}

/** A key may contain slashes; names do not. */
function parseRecordRef(text: string): RecordRef | undefined {
  const [, instance = "", record = ""] = /^([^/]+\/[^/]+)\/(.+)$/s.exec(text) ?? [];
  const isNamed = parseInstanceId(instance) !== undefined;
  return isNamed && record.length <= MAX_KEY_LENGTH ? { instance, record } : undefined;
}
