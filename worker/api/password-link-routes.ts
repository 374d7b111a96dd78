/**
 * `/password-links`: for people who forgot their password. A person may be in several teams, so only the
 * operator makes these links.
 */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { emailSchema } from "../account/email.ts";
import { accountOf } from "../account/stub.ts";
import { loggedInTeams } from "../account-pages/logged-in-teams.ts";
import { passwordLinkUrl } from "../account-pages/password-link-url.ts";
import { createSecret, hashSecret } from "../auth/secret.ts";
import { directoryOf } from "../directory/stub.ts";
import { logEvent } from "../log.ts";
import { readMemberships } from "../session/memberships.ts";
import { isoTime, route, time } from "./route.ts";

const PASSWORD_LINK_LIFETIME_MS = 3_600_000;

export const passwordLinkRoutes = [
  route({
    method: "post",
    path: "/password-links",
    action: "password_link.create",
    isOfNoTeam: true,
    isLoggedByItself: true,
    summary:
      "A link, good once within an hour, by which a person chooses another password. An earlier one is void",
    needs: "operator",
    body: z.strictObject({ email: emailSchema }),
    query: z.object({}),
    status: 201,
    answer: z.object({ url: z.string(), expires_at: time }),
    errors: [404, 409],
    async run({ env, body, nowMs }) {
      const accountId = await directoryOf(env).accountOfEmail(body.email);
      const account = accountId === null ? undefined : accountOf(env, accountId);
      const person = (await account?.person()) ?? null;
      if (accountId === null || account === undefined || person === null) return err(NOBODY);
      const { hasPassword, teams } = person;
      if (!hasPassword) return err(NO_PASSWORD);
      const memberships = await readMemberships(env, { accountId, teams });
      const about = { action: "password_link.create", memberships, principal: "operator" } as const;
      return loggedInTeams(env, about, async () => {
        const token = createSecret("password", accountId);
        const expiresAtMs = nowMs + PASSWORD_LINK_LIFETIME_MS;
        await account.writePasswordLink({ hash: await hashSecret(token), expiresAtMs });
        logEvent("warn", "password_link_created", { teams: memberships.length });
        return ok({ url: passwordLinkUrl(token, env), expires_at: isoTime(expiresAtMs) });
      });
    },
  }),
];

const NOBODY = {
  status: 404,
  code: "unknown_person",
  message: "Nobody here has an account with this e-mail address.",
} as const;
const NO_PASSWORD = {
  status: 409,
  code: "no_password",
  message: "This person signs in at an OpenID provider: their password is there, not here.",
} as const;
