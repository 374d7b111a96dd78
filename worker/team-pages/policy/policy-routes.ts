/** The answers of `/policy`: a policy can be entered in two ways, and is stored in one. */
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { writePolicySchema, type WritePolicy } from "../../access/write-policy.ts";
import { missingPage, type OpenedPage } from "../../dashboard/open-page.ts";
import { teamUrl } from "../../dashboard/team-url.ts";
import { seeOther } from "../../http/answer/see-other.ts";
import { CSRF_FIELD } from "../../session/csrf.ts";
import { versionOf } from "../../team/rights/stored-policy.ts";
import { callApi, type ApiCall } from "../call-api.ts";
import { changeRows } from "./change-rows.ts";
import { readRows, rowsOf, type FormRows } from "./form-rows.ts";
import type { PolicyDraft } from "./policy-form.tsx";
import { policyPage } from "./policy-page.tsx";
import { readPolicy } from "./read-policy.ts";
import { SEEN_FIELD } from "./seen-field.tsx";

/** The API's 64 KiB, escaped for a form, and the names of the most fields that the form may have. */
const MAX_FORM_BYTES = 256 * 1024;

const policyForm = z.catchall(z.object({ [CSRF_FIELD]: z.string() }), z.string());

export async function showPolicy(opened: OpenedPage, isSaved: boolean): Promise<Response> {
  const stored = await readStored(opened);
  if (stored === undefined) return missingPage(opened.session);
  const status = isSaved ? "Saved." : undefined;
  return policyPage(opened, { stored, draft: draftOf(stored), status });
}

/** What `/policy` takes. */
export const policyChange = { schema: policyForm, limitBytes: MAX_FORM_BYTES, use: changePolicy };

async function changePolicy(
  opened: OpenedPage,
  form: z.infer<typeof policyForm>,
): Promise<Response> {
  const stored = await readStored(opened);
  if (stored === undefined) return missingPage(opened.session);
  const { policy: json, action = "", [SEEN_FIELD]: seen = "" } = form;
  if (json === undefined)
    return changeByForm(opened, { stored, rows: readRows(form), action, seen });
  const refused = (problem: string) => ({ stored, draft: draftOf(stored), json, problem });
  return seen === versionOf(stored)
    ? save(opened, { body: json, over: seen }, refused)
    : policyPage(opened, refused(CHANGED_UNDER_IT));
}

interface SentForm {
  readonly stored: WritePolicy;
  readonly rows: FormRows;
  readonly action: string;
  readonly seen: string;
}

async function changeByForm(
  opened: OpenedPage,
  { stored, rows, action, seen }: SentForm,
): Promise<Response> {
  const shown = draftOf(stored);
  // The sender of the form has not seen what the form can't show.
  if (typeof shown === "string")
    return policyPage(opened, { stored, draft: shown, problem: CHANGED });
  const changed = changeRows(rows, action);
  const { rules, problems, policy } = readPolicy(changed?.rows ?? rows);
  if (changed !== undefined) {
    const draft = { ...changed, seen, rules, problems: new Map<string, string>() };
    return policyPage(opened, { stored, draft, status: NOT_SAVED });
  }
  const draft = { rows, seen, rules, problems, focus: problems.keys().next().value };
  if (problems.size > 0) return policyPage(opened, { stored, draft, problem: PROBLEMS });
  if (action !== "save") return policyPage(opened, { stored, draft, status: NOT_SAVED });
  const now = versionOf(stored);
  const refused = (problem: string) => ({ stored, draft: { ...draft, seen: now }, problem });
  return seen === now
    ? save(opened, { body: JSON.stringify(policy), over: seen }, refused)
    : policyPage(opened, refused(`${CHANGED_UNDER_IT} What holds now stands below, as JSON.`));
}

const NOT_SAVED = "Not saved yet.";
const PROBLEMS = "Nothing was saved: see the notes beside the fields.";
const CHANGED = "Nothing was saved: the policy was changed elsewhere in the meantime.";
const CHANGED_UNDER_IT = `${CHANGED} Save again to replace that change by what is entered here.`;

async function save(
  opened: OpenedPage,
  change: Pick<ApiCall, "body" | "over">,
  refused: (problem: string) => Parameters<typeof policyPage>[1],
): Promise<Response> {
  const saved = await callApi(opened, { method: "put", path: "/write-policy", ...change });
  return saved.ok
    ? seeOther(teamUrl(opened.place, "/policy", { saved: "1" }))
    : policyPage(opened, refused(saved.error));
}

async function readStored(opened: OpenedPage): Promise<WritePolicy | undefined> {
  const policy = await callApi(opened, { method: "get", path: "/write-policy" });
  return policy.ok ? safeParse(writePolicySchema, policy.value).data : undefined;
}

function draftOf(stored: WritePolicy): PolicyDraft | string {
  const rows = rowsOf(stored);
  if (!rows.ok) return rows.error;
  const { rules, problems } = readPolicy(rows.value);
  return { rows: rows.value, seen: versionOf(stored), rules, problems, focus: undefined };
}
