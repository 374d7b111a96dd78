/** What the forms of `/team` may ask for, each as its API call. Pure. */
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { emailSchema } from "../account/email.ts";
import { CSRF_FIELD } from "../session/csrf.ts";
import { itemId } from "../api/route.ts";
import type { ApiCall } from "./call-api.ts";

const text = z.string().check(z.maxLength(200));
const csrf = { [CSRF_FIELD]: z.string() };
/** Drawn with the form: sent twice, it makes one thing. */
const newId = { new_id: z.optional(itemId) };

/** What takes only a target. */
const STEPS = {
  remove_member: { method: "delete", path: "/members/:id" },
  revoke_invitation: { method: "delete", path: "/invitations/:id" },
  revoke_join_token: { method: "delete", path: "/join-tokens/:id" },
  revoke_access_token: { method: "delete", path: "/access-tokens/:id" },
  revoke_grant: { method: "delete", path: "/grants/:id" },
  revoke_relay: { method: "delete", path: "/relays/:name" },
  suspend_relay: { method: "post", path: "/relays/:name/suspend" },
  resume_relay: { method: "post", path: "/relays/:name/resume" },
  dismiss_clone: { method: "post", path: "/relays/:name/dismiss-clone" },
} as const;

export type Ending = keyof typeof STEPS;

export const teamForm = z.discriminatedUnion("action", [
  z.object({ ...csrf, ...newId, action: z.literal("invite"), role: text, email: text }),
  z.object({ ...csrf, ...newId, action: z.literal("make_join_token"), name_pattern: text }),
  z.object({
    ...csrf,
    ...newId,
    action: z.literal("make_access_token"),
    label: text,
    scope: text,
  }),
  z.object({ ...csrf, action: z.literal("set_role"), target: text, role: text }),
  z.object({ ...csrf, action: z.literal("label_relay"), target: text, label: text }),
  z.object({ ...csrf, action: z.literal("set_on_clone"), on_clone: text }),
  z.object({ ...csrf, action: z.literal("delete_team"), name: text }),
  z.object({
    ...csrf,
    action: z.enum([
      "remove_member",
      "revoke_invitation",
      "revoke_join_token",
      "revoke_access_token",
      "revoke_grant",
      "revoke_relay",
      "suspend_relay",
      "resume_relay",
      "dismiss_clone",
    ]),
    target: text,
  }),
]);
export type TeamForm = z.infer<typeof teamForm>;

/** Checked before the API does, to say it beside the field. Empty: for whoever has the link. */
export function mayBeEmail(text: string): boolean {
  return text.trim() === "" || safeParse(emailSchema, text).success;
}

/** The API checks every value. */
export function toApiCall(form: TeamForm): ApiCall {
  switch (form.action) {
    case "invite": {
      const { role, email } = form;
      return create(form, "/invitations", email.trim() === "" ? { role } : { role, email });
    }
    case "make_join_token": {
      const name_pattern = form.name_pattern.trim();
      return create(form, "/join-tokens", name_pattern === "" ? {} : { name_pattern });
    }
    case "make_access_token":
      return create(form, "/access-tokens", { label: form.label, scopes: [form.scope] });
    case "set_role": {
      const body = JSON.stringify({ role: form.role });
      return { method: "patch", path: "/members/:id", target: form.target, body };
    }
    case "label_relay": {
      const body = JSON.stringify({ label: form.label.trim() });
      return { method: "patch", path: "/relays/:name", target: form.target, body };
    }
    case "set_on_clone": {
      const body = JSON.stringify({ on_clone: form.on_clone });
      return { method: "put", path: "/relay-policy", body };
    }
    case "delete_team":
      return { method: "delete", path: "/team", query: { name: form.name } };
    default:
      return { ...STEPS[form.action], target: form.target };
  }
}

function create(
  { new_id: newId }: { readonly new_id?: string | undefined },
  path: string,
  body: object,
): ApiCall {
  return { method: "post", path, newId, body: JSON.stringify(body) };
}
