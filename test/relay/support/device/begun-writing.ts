/** A writer over the connections of a host of its own. */
import type { JsonValue } from "#shared/json/json.ts";
import type { Config } from "../../../../relay/config.ts";
import type { WriteRequest } from "../../../../relay/instances/writing/write-check.ts";
import { Writer } from "../../../../relay/instances/writing/writing.ts";
import type { RecordDefinition } from "../../../../worker/selfhost/simulator/database/record-definition.ts";
import { latest, mailbox, ring, startHost, type Version } from "../host-side/host.ts";
import { contextOf, watchHost } from "../host-side/watched-host.ts";
import { writeOf } from "../worker-side/write-request.ts";

export const RECORDS: readonly RecordDefinition[] = [
  latest("a", { initial: { n: 10 } }),
  latest("b"),
  latest("temp", { shape: { struct: { celsius: "f32" } } }),
  latest("made", { origin: { kind: "source" } }),
  latest("closed", { writable: false }),
  mailbox("command"),
  ring("log", { writable: true }),
  ring("any", { writable: true, shape: "json" }),
];

export async function beginWriting(aimx: Version = "3.0", config: Partial<Config> = {}) {
  const host = await startHost({ aimx, records: RECORDS });
  const context = contextOf(config);
  const watched = await watchHost(host, context);
  const writer = new Writer(context);
  const write = (key: string, value: JsonValue, more: Partial<WriteRequest> = {}) =>
    writer.write(watched.calls, watched.view, {
      row: watched.row(key),
      ...writeOf(value, more),
    });
  return { host, clock: context.clock, ...watched, write };
}

export type BegunWriting = Awaited<ReturnType<typeof beginWriting>>;

export function setsOf({ host }: BegunWriting): number {
  return host.requestCounts.get("record.set") ?? 0;
}

/** What the application holds, as the host itself has it. */
export function heldBy({ host }: BegunWriting, key: string): string | undefined {
  return host.database.find(key)?.lastWritten?.sorted;
}
