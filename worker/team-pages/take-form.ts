/** Takes a form of a team's page. A session that ended while somebody typed costs a sign-in, not what was typed. */
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { inTeam, type OpenedPage } from "../dashboard/open-page.ts";
import type { Env } from "../env.ts";
import { readForm } from "../http/body/read-form.ts";
import { foreignForm } from "../pages/foreign-form.ts";
import { type CSRF_FIELD, isOwnForm, isOwnOrigin } from "../session/csrf.ts";
import { keptForm } from "./kept-form.tsx";

const anyFields = z.record(z.string(), z.string());

interface Taken<F> {
  readonly schema: z.ZodMiniType<F>;
  readonly limitBytes: number;
  readonly use: (opened: OpenedPage, form: F) => Promise<Response>;
}

/** `use` gets only what carries the session's own token. */
export async function takeForm<F extends { [CSRF_FIELD]: string }>(
  request: Request,
  env: Env,
  { schema, limitBytes, use }: Taken<F>,
): Promise<Response> {
  if (!isOwnOrigin(request, env)) return inTeam(request, env, () => foreignForm());
  const sent = await readForm(request, anyFields, limitBytes);
  const form = safeParse(schema, sent.ok ? sent.value : undefined);
  if (!sent.ok || !form.success) return inTeam(request, env, () => foreignForm());
  const { pathname, search } = new URL(request.url);
  const kept = { fields: sent.value, to: pathname + search };
  return inTeam(
    request,
    env,
    (opened) => {
      const { csrfToken } = opened.session;
      const isOfSession = isOwnForm(request, env, { csrfToken, form: form.data });
      return isOfSession ? use(opened, form.data) : keptForm(kept, opened.session);
    },
    () => keptForm(kept),
  );
}
