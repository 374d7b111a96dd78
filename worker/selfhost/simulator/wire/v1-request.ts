/** One AimX v1 request line. */

import { ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import { readStruct } from "../json/struct-reader.ts";
import type { Field, StructSpec } from "../json/struct-reader.ts";
import type { Value } from "../json/value.ts";

export type V1Request = {
  readonly id: bigint;
  readonly method: string;
  readonly params: Value | undefined;
};

const REQUEST: StructSpec = {
  name: "Request",
  shortList: false,
  fields: new Map<string, Field>([
    ["id", { type: "u64" }],
    ["method", { type: "string" }],
    ["params", { type: "value", optional: true }],
  ]),
};

/** The error is the host's own text. */
export function readRequest(line: string): Result<V1Request, string> {
  const fields = readStruct(trimmed(line), REQUEST);
  if (!fields.ok) return fields;
  return ok({
    id: fields.value.integer("id") ?? 0n,
    method: fields.value.text("method") ?? "",
    params: fields.value.value("params") ?? undefined,
  });
}

/** `String.prototype.trim` would also take a byte order mark, which hosts refuse. */
function trimmed(line: string): string {
  return line.startsWith("\ufeff") ? line : line.trim();
}
