/** A posted form: bounded in bytes before it is parsed, then by its schema. */
import type * as z from "zod/mini";
import { err, ok, type Result } from "#shared/result.ts";
import { readBody } from "./read-body.ts";
import { safeParse } from "#shared/safe-parse.ts";

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/** A field that is there twice becomes a list. */
export async function readForm<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
  limitBytes: number,
): Promise<Result<z.infer<S>, "unreadable">> {
  if (!FORM_TYPE.test(request.headers.get("content-type") ?? "")) return err("unreadable");
  const text = await readBody(request, limitBytes);
  if (!text.ok) return err("unreadable");
  const fields = new URLSearchParams(text.value);
  const names = [...new Set(fields.keys())];
  const parsed = safeParse(
    schema,
    Object.fromEntries(
      names.map((name) => {
        const values = fields.getAll(name);
        return [name, values.length === 1 ? values[0] : values];
      }),
    ),
  );
  return parsed.success ? ok(parsed.data) : err("unreadable");
}
