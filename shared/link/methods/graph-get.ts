/** The dependency graph of an instance, without the records that the device file hides. */
import * as z from "zod/mini";
import { bufferTypeSchema } from "../../aimx/record-row.ts";
import { jsonValueSchema } from "../../json.ts";
import { count } from "./fields.ts";

const nodeSchema = z.object({
  key: z.string(),
  origin: jsonValueSchema,
  buffer_type: bufferTypeSchema,
  buffer_capacity: z.nullable(z.number()),
  tap_count: count,
  has_outbound_link: z.boolean(),
});

const edgeSchema = z.object({
  /** Null for what is outside: a source, a tap, a link. */
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  /** As the host has it: `"source"`, `{"tap": {"index": 0}}`, and the like. */
  edge_type: jsonValueSchema,
});

export const graphGet = {
  params: z.object({}),
  result: z.object({
    nodes: z.array(nodeSchema),
    edges: z.array(edgeSchema),
    /** Keys, each behind those it is derived from. */
    order: z.array(z.string()),
  }),
} as const;
