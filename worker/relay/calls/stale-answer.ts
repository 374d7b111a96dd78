/** What can be answered about a record while its relay is away. Pure. */
import { failure, type Failure } from "#shared/failure.ts";
import type { AnnouncedInstance, Inventory } from "#shared/link/inventory.ts";
import type { LinkReading } from "#shared/link/last-known.ts";
import { METHODS, type MethodResult } from "#shared/link/method.ts";
import type { CallRequest, CallResult } from "../rpc.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

export interface Away {
  /** The relay's last one. */
  readonly inventory: Inventory | undefined;
  /** By record key; times in Unix milliseconds. */
  readonly read: (instance: string) => ReadonlyMap<string, LinkReading>;
  /** ISO-8601. */
  readonly since: string;
}

/** `offline` if nothing is known, and for every call that is not a read of values. */
export function staleAnswer(
  { instance: name, method, params }: Pick<CallRequest, "instance" | "method" | "params">,
  { inventory, read, since }: Away,
  offline: Failure,
): CallResult {
  const instance = inventory?.instances.find((announced) => announced.name === name);
  const refused: CallResult = { ok: false, failure: offline };
  if (instance === undefined) return refused;
  // The readings' times are already Unix time.
  const about = { ok: true, sessionStartedAtMs: 0, staleSince: since } as const;
  switch (method) {
    case "record.get": {
      const asked = safeParse(METHODS[method].params, params);
      const value = asked.success ? find(read(name), instance, asked.data.record) : undefined;
      return value === undefined ? refused : { ...about, value };
    }
    case "record.get_many": {
      const asked = safeParse(METHODS[method].params, params);
      const value = asked.success ? findAll(read(name), instance, asked.data.records) : undefined;
      return value === undefined ? refused : { ...about, value };
    }
    default:
      return refused;
  }
}

function findAll(
  readings: ReadonlyMap<string, LinkReading>,
  instance: AnnouncedInstance,
  records: readonly string[],
): MethodResult<"record.get_many"> | undefined {
  const found = records.map((record) => ({ record, ok: find(readings, instance, record) }));
  if (found.every(({ ok }) => ok === undefined)) return undefined;
  const { code: err, message } = NEVER_SEEN;
  return {
    entries: found.map(({ record, ok }) =>
      ok === undefined ? { record, err, message } : { record, ok },
    ),
  };
}

const NEVER_SEEN = failure(
  "relay_offline",
  "The relay has no link, and no value of this record is known from before.",
);

function find(
  readings: ReadonlyMap<string, LinkReading>,
  instance: AnnouncedInstance,
  record: string,
): LinkReading | undefined {
  const key = keyOf(instance, record);
  return key === undefined ? undefined : readings.get(key);
}

/** A record that is no longer announced may have been hidden since its value was seen. */
function keyOf(
  { records, protocol_version }: AnnouncedInstance,
  record: string,
): string | undefined {
  // No list: it did not fit, or the instance has not been up since its relay started.
  if (records === undefined) return protocol_version === undefined ? undefined : record;
  if (records.some(({ key }) => key === record)) return record;
  const [only, ...others] = records.filter(({ type_name }) => type_name === record);
  return others.length === 0 ? only?.key : undefined;
}
