/** The dependency graph of an instance, without the records that the device file hides. */
import * as z from "zod/mini";
import { bufferTypeSchema } from "../../aimx/record-row.ts";
import { jsonValueSchema } from "../../json/json.ts";
import { count, recordName } from "./fields.ts";

/** More than the largest answer to a model holds. */
const MAX_ITEMS = 5_000;

const nodeSchema = z.object({
  key: z.string(),
  origin: jsonValueSchema,
  buffer_type: bufferTypeSchema,
  buffer_capacity: z.nullable(z.number()),
  tap_count: count,
  has_outbound_link: z.boolean(),
  /** On a page: its position among all that was asked for, from 1. */
  place: z.optional(count),
});

const place = z.optional(z.nullable(count));

const edgeSchema = z.object({
  /** Null for what is outside: a source, a tap, a link. */
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  /** As the host has it: `"source"`, `{"tap": {"index": 0}}`, and the like. */
  edge_type: jsonValueSchema,
  /** On a page: the places of both, null for what is not asked for. */
  from_place: place,
  to_place: place,
});

export const graphGet = {
  params: z.object({
    /** Only this record, what feeds it and what it feeds. */
    record: z.optional(recordName),
    /** Of nodes and edges, each node followed by its edges. */
    offset: z.optional(count),
    /** Without it the answer is the whole graph. */
    limit: z.optional(z.number().check(z.int(), z.minimum(1), z.maximum(MAX_ITEMS))),
  }),
  result: z.object({
    nodes: z.array(nodeSchema),
    edges: z.array(edgeSchema),
    /** Keys, each after those it is derived from. */
    order: z.array(z.string()),
    /** On a page: the nodes and edges of all pages, and where the next begins. */
    total: z.optional(count),
    total_edges: z.optional(count),
    next_offset: z.optional(z.nullable(count)),
  }),
} as const;
