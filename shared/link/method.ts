/**
 * What the worker may ask of a relay: a closed list. No method changes the relay's configuration,
 * names a path, opens a socket, downloads or runs anything; instances are named as announced.
 */
import * as z from "zod/mini";
import { diagnosticsGet, diagnosticsReset } from "./methods/diagnostics.ts";
import { graphGet } from "./methods/graph-get.ts";
import { recordDrain } from "./methods/record-drain.ts";
import { recordGet, recordGetMany } from "./methods/record-get.ts";
import { recordList } from "./methods/record-list.ts";
import { recordSchema } from "./methods/record-schema.ts";
import { recordSet } from "./methods/record-set.ts";
import { samplesHistory } from "./methods/samples-history.ts";
import { samplesRead } from "./methods/samples-read.ts";
import { samplesWatch } from "./methods/samples-watch.ts";

export const METHODS = {
  "record.list": recordList,
  "record.get": recordGet,
  "record.get_many": recordGetMany,
  "record.set": recordSet,
  "record.schema": recordSchema,
  "record.drain": recordDrain,
  "samples.read": samplesRead,
  "samples.watch": samplesWatch,
  "samples.history": samplesHistory,
  "graph.get": graphGet,
  "diagnostics.get": diagnosticsGet,
  "diagnostics.reset": diagnosticsReset,
} as const;

export type Method = keyof typeof METHODS;
export const methodSchema = z.enum([
  "record.list",
  "record.get",
  "record.get_many",
  "record.set",
  "record.schema",
  "record.drain",
  "samples.read",
  "samples.watch",
  "samples.history",
  "graph.get",
  "diagnostics.get",
  "diagnostics.reset",
]);
export type Params<M extends Method> = z.infer<(typeof METHODS)[M]["params"]>;
export type MethodResult<M extends Method> = z.infer<(typeof METHODS)[M]["result"]>;

/** All but `record.set`: a write has a life of its own and is asked for as such. */
export type CallMethod = Exclude<Method, "record.set">;

/** What a call of the method does to the instance. Only a `read` may be asked a second time. */
export const EFFECTS = {
  "record.list": "read",
  "record.get": "read",
  "record.get_many": "read",
  "record.set": "write",
  "record.schema": "read",
  /** It moves a cursor, so that asking again gives something else. */
  "record.drain": "take",
  "samples.read": "read",
  "samples.watch": "read",
  "samples.history": "read",
  "graph.get": "read",
  "diagnostics.get": "read",
  "diagnostics.reset": "write",
} as const satisfies Record<Method, "read" | "take" | "write">;
