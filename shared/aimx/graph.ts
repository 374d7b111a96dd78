/** A host's dependency graph, computed once when it is built, hence right where rows are wrong. */
import * as z from "zod/mini";
import { jsonValueSchema } from "../json/json.ts";
import { bufferTypeSchema } from "./record-row.ts";

/** `"source"`, `"passive"`, `{link: …}`, `{transform: …}`, `{transform_join: …}`. */
const originSchema = z.union([z.string(), z.record(z.string(), jsonValueSchema)]);
export type Origin = z.infer<typeof originSchema>;

const graphNodeSchema = z.object({
  key: z.string(),
  origin: originSchema,
  buffer_type: z.catch(bufferTypeSchema, "none"),
  buffer_capacity: z.nullish(z.number()),
  tap_count: z.catch(z.number(), 0),
  has_outbound_link: z.catch(z.boolean(), false),
});
export type GraphNode = z.infer<typeof graphNodeSchema>;

const graphEdgeSchema = z.object({
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  edge_type: z.union([z.string(), z.record(z.string(), jsonValueSchema)]),
});
export type GraphEdge = z.infer<typeof graphEdgeSchema>;

export const graphNodesSchema = z.array(graphNodeSchema);
export const graphEdgesSchema = z.array(graphEdgeSchema);
export const graphOrderSchema = z.array(z.string());
