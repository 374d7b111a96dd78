/** A posted form: bounded in bytes before it is parsed, then checked by its schema. */
import type * as z from "zod/mini";
import { err, ok, type Result } from "#shared/result.ts";
import { readBody } from "./read-body.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

export function isForm({ headers }: Request): boolean {
  return FORM_TYPE.test(headers.get("content-type") ?? "");
}

/** A field that occurs twice becomes a list. */
export async function readForm<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
  limitBytes: number,
): Promise<Result<z.infer<S>, "unreadable">> {
  if (!isForm(request)) return err("unreadable");
  const text = await readBody(request, limitBytes);
  if (!text.ok) return err("unreadable");
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text.value)) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  const parsed = safeParse(
    schema,
    Object.fromEntries(
      [...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
    ),
  );
  return parsed.success ? ok(parsed.data) : err("unreadable");
}
