/**
 * `/team`, `/activity`, `/connect`, `/policy`: a team viewed and changed by its people. Viewing changes nothing.
 */
import { Hono } from "hono";
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import type { Env } from "../env.ts";
import { inTeam, type OpenedPage } from "../dashboard/open-page.ts";
import { teamUrl } from "../dashboard/team-url.ts";
import { seeOther } from "../http/answer/see-other.ts";
import { grantsCursor } from "../oauth/grants/list-grants.ts";
import { CSRF_FIELD } from "../session/csrf.ts";
import { askedIn, toQuery } from "./activity-filter.tsx";
import { activityPage } from "./activity-page.tsx";
import { askApi, callApi } from "./call-api.ts";
import { connectPage } from "./connect-page.tsx";
import { policyChange, showPolicy } from "./policy/policy-routes.ts";
import { offsetsIn } from "./part.tsx";
import { madeIn } from "./secret.tsx";
import { takeForm } from "./take-form.ts";
import { readTeamContents } from "./team-contents.ts";
import { mayBeEmail, teamForm, toApiCall, type TeamForm } from "./team-forms.ts";
import { tryConnector } from "./try-connector.ts";
import { teamPage, type TeamPageAnswer } from "./team-page.tsx";

const MAX_FORM_BYTES = 4 * 1024;

const emptyForm = z.object({ [CSRF_FIELD]: z.string() });

export const teamPages = new Hono<{ Bindings: Env }>()
  .get("/connect", (context) =>
    inTeam(context.req.raw, context.env, (opened) => connectPage(opened)),
  )
  .post("/connect", (context) =>
    takeForm(context.req.raw, context.env, {
      schema: emptyForm,
      limitBytes: MAX_FORM_BYTES,
      use: async (opened) => connectPage(opened, await tryConnector(opened, Date.now)),
    }),
  )
  .get("/team", (context) => {
    const clientsAfter = safeParse(grantsCursor, context.req.query("clients")).data;
    const offsets = offsetsIn(new URL(context.req.url).searchParams);
    return inTeam(context.req.raw, context.env, (opened) =>
      showTeam(opened, { offsets }, clientsAfter),
    );
  })
  .post("/team", (context) =>
    takeForm(context.req.raw, context.env, {
      schema: teamForm,
      limitBytes: MAX_FORM_BYTES,
      use: change,
    }),
  )
  .get("/activity", (context) =>
    inTeam(context.req.raw, context.env, (opened) =>
      activityPage(opened, new URL(context.req.url)),
    ),
  )
  .get("/activity/export", (context) =>
    inTeam(context.req.raw, context.env, (opened) => {
      const query = toQuery(askedIn(new URL(context.req.url).searchParams));
      return askApi(opened, { method: "get", path: "/activity/export", query });
    }),
  )
  .get("/policy", (context) =>
    inTeam(context.req.raw, context.env, (opened) =>
      showPolicy(opened, context.req.query("saved") !== undefined),
    ),
  )
  .post("/policy", (context) => takeForm(context.req.raw, context.env, policyChange));

async function change(opened: OpenedPage, form: TeamForm): Promise<Response> {
  if (form.action === "invite" && !mayBeEmail(form.email)) {
    return showTeam(opened, { wrongInvitation: form, status: 400 });
  }
  const done = await callApi(opened, toApiCall(form));
  if (!done.ok) return showTeam(opened, { problem: done.error, status: 400 });
  if (form.action === "delete_team") return seeOther("/");
  const made = madeIn(done.value);
  if (made !== undefined) return showTeam(opened, { made });
  return seeOther(teamUrl(opened.place, "/team"));
}

async function showTeam(
  opened: OpenedPage,
  answer: TeamPageAnswer = {},
  clientsAfter?: string,
): Promise<Response> {
  return teamPage(opened, await readTeamContents(opened, clientsAfter, Date.now()), answer);
}
