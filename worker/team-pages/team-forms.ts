/** What the forms of `/team` may ask for, each as its API call. Pure. */
import * as z from "zod/mini";
import { CSRF_FIELD } from "../session/csrf.ts";
import type { ApiCall } from "./call-api.ts";

const text = z.string().check(z.maxLength(200));
const csrf = { [CSRF_FIELD]: z.string() };

const ENDINGS = {
  remove_member: "/members/:id",
  revoke_invitation: "/invitations/:id",
  revoke_join_token: "/join-tokens/:id",
  revoke_access_token: "/access-tokens/:id",
  revoke_grant: "/grants/:id",
  revoke_relay: "/relays/:name",
} as const;
const RELAY_STATES = {
  suspend_relay: "/relays/:name/suspend",
  resume_relay: "/relays/:name/resume",
  dismiss_clone: "/relays/:name/dismiss-clone",
} as const;

export type Ending = keyof typeof ENDINGS | keyof typeof RELAY_STATES;

export const teamForm = z.discriminatedUnion("action", [
  z.object({ ...csrf, action: z.literal("invite"), role: text, email: text }),
  z.object({ ...csrf, action: z.literal("make_join_token"), name_pattern: text }),
  z.object({
    ...csrf,
    action: z.literal("make_access_token"),
    label: text,
    scope: text,
  }),
  z.object({ ...csrf, action: z.literal("set_role"), target: text, role: text }),
  z.object({ ...csrf, action: z.literal("label_relay"), target: text, label: text }),
  z.object({ ...csrf, action: z.literal("set_on_clone"), on_clone: text }),
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

/** The API checks every value. */
export function toApiCall(form: TeamForm): ApiCall {
  switch (form.action) {
    case "invite": {
      const { role, email } = form;
      return create("/invitations", email.trim() === "" ? { role } : { role, email });
    }
    case "make_join_token": {
      const name_pattern = form.name_pattern.trim();
      return create("/join-tokens", name_pattern === "" ? {} : { name_pattern });
    }
    case "make_access_token":
      return create("/access-tokens", { label: form.label, scopes: [form.scope] });
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
    case "suspend_relay":
    case "resume_relay":
    case "dismiss_clone":
      return { method: "post", path: RELAY_STATES[form.action], target: form.target };
    default:
      return { method: "delete", path: ENDINGS[form.action], target: form.target };
  }
}

function create(path: string, body: object): ApiCall {
  return { method: "post", path, body: JSON.stringify(body) };
}
