/** What a call's answer counts as on a metered link. */
import type { Method } from "#shared/link/method.ts";
import type { Purpose } from "../traffic/budget.ts";

/** Samples are standing traffic; a call that names one record is a single read. */
export const PURPOSES: Readonly<Record<Method, Purpose>> = {
  "samples.read": "samples",
  "samples.watch": "samples",
  "samples.history": "lists",
  "record.list": "lists",
  "record.get_many": "lists",
  "graph.get": "lists",
  "diagnostics.get": "lists",
  "record.drain": "lists",
  "record.get": "reads",
  "record.schema": "reads",
  "record.set": "always",
  "diagnostics.reset": "always",
};
