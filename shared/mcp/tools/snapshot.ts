import * as z from "zod/mini";
import type { Failure } from "../../failure.ts";
import type { Fleet, InstanceRow } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { ok, type Result } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../asking/across.ts";
import {
  findingsOfInstance,
  findingsOfRecords,
  whyNotWritable,
  type Finding,
} from "../findings/attention.ts";
import { maxBytesInput } from "../answers/fit.ts";
import { shownInstance } from "../answers/instance-shape.ts";
import { recordName } from "../asking/record-name.ts";
import { readParts, type SnapshotParts } from "../asking/snapshot-parts.ts";
import { shownSnapshot } from "../answers/snapshot-shape.ts";
import { instanceInput, selectKnown, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

/** One takes up to nine calls. */
const MAX_SNAPSHOTS = 4;

const DEFAULT_SAMPLES = 5;

export const snapshot = defineTool({
  name: "snapshot",
  title: "Snapshot of an instance or record",
  description:
    'The first call for "what is going on", "why isn\'t X updating", "is anything wrong": state, records with values and ages, recent samples, graph, metrics, and attention: what looks wrong (no producer, never a value, stale, drops, queue nearly full, mailbox without consumer) with evidence and what can\'t be seen. record_name: that record, what feeds it and what it feeds. For one value alone use get_record.',
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    instance: instanceInput,
    socket: socketInput,
    record_name: z.optional(recordName.check(z.describe("Record key to look at."))),
    samples: z.optional(
      z
        .number()
        .check(
          z.int(),
          z.minimum(0),
          z.maximum(50),
          z.describe("Recent samples of a record, 0 to 50. Default 5."),
        ),
    ),
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    taken_at: z.optional(z.string()),
    state: z.optional(z.looseObject({})),
    summary: z.optional(z.looseObject({})),
    attention: z.optional(z.array(z.looseObject({}))),
    records: z.optional(z.array(z.looseObject({}))),
    recent: z.optional(z.array(z.looseObject({}))),
  }),
  run: async ({ instance, socket, record_name, samples, max_bytes }, { fleet }) => {
    const rows = await selectKnown(fleet, { instance, socket, record: record_name });
    if (!rows.ok) return rows;
    const [first, ...rest] = rows.value;
    const found = new Map(rows.value.map((row) => [row.instance, row]));
    return askAcross([first.instance, ...rest.map((row) => row.instance)], {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      maxTargets: MAX_SNAPSHOTS,
      ask: (target) => {
        const options = { record_name, samples: samples ?? DEFAULT_SAMPLES, target };
        return takeSnapshot(fleet, found.get(target.instance) ?? first, options);
      },
    });
  },
});

const MIN_SHARE_BYTES = 2_000;

interface Options {
  readonly record_name: string | undefined;
  readonly samples: number;
  readonly target: Target;
}

async function takeSnapshot(
  fleet: Fleet,
  row: InstanceRow,
  { record_name: record, samples, target }: Options,
): Promise<Result<JsonObject, Failure>> {
  const { maxBytes } = target;
  const parts = await readParts(fleet, { instance: row.instance, record, samples, maxBytes });
  if (!parts.ok) return parts;
  const { instance: _id, relay: _relay, ...state } = shownInstance(row);
  const head = { taken_at: new Date(fleet.nowMs()).toISOString(), state };
  const findings = [...findingsOfInstance(row), ...findingsAbout(parts.value)];
  return ok(shownSnapshot(parts.value, { head, findings, maxBytes }));
}

/** For a named record: its own findings and those of what feeds it. */
function findingsAbout({ records, named }: SnapshotParts): Finding[] {
  const all = findingsOfRecords(records);
  if (named === undefined) return all;
  const { record_key, producers } = named.row;
  const inputs = new Set((producers ?? []).map(({ record }) => record));
  const own = all.filter(({ record }) => record === record_key);
  const ofInputs = all.filter(({ record }) => record !== undefined && inputs.has(record));
  return [...own, ...whyNotWritable(named), ...ofInputs];
}
