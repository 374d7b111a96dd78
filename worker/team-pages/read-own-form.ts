import type * as z from "zod/mini";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { readForm } from "../http/body/read-form.ts";
import { type CSRF_FIELD, isOwnForm } from "../session/csrf.ts";

/** Undefined for a form that no page of ours sent, or whose fields are not those of ours. */
export async function readOwnForm<S extends z.ZodMiniType<{ [CSRF_FIELD]: string }>>(
  request: Request,
  { env, session: { csrfToken } }: OpenedPage,
  schema: S,
  limitBytes: number,
): Promise<z.infer<S> | undefined> {
  const form = await readForm(request, schema, limitBytes);
  return form.ok && isOwnForm(request, env, { csrfToken, form: form.value })
    ? form.value
    : undefined;
}
