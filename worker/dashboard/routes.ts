/** The pages of a team: what its relays serve, live. */
import { Hono } from "hono";
import { MAX_KEY_LENGTH } from "#shared/link/limits.ts";
import type { Env } from "../env.ts";
import { instancePage } from "./instance-page.tsx";
import { handleLive } from "./live.ts";
import { inTeam, missingPage } from "./open-page.ts";
import { offsetOf } from "./paging.tsx";
import { recordPage } from "./record-page.tsx";

export const dashboard = new Hono<{ Bindings: Env }>()
  .get("/relays/:relay/:name", (context) => {
    const instance = `${context.req.param("relay")}/${context.req.param("name")}`;
    const offset = offsetOf(context.req.query("offset"));
    return inTeam(context.req.raw, context.env, (opened) =>
      instancePage(opened, { instance, offset }),
    );
  })
  .get("/relays/:relay/:name/record", (context) => {
    const instance = `${context.req.param("relay")}/${context.req.param("name")}`;
    const record = keyOf(context.req.query("key"));
    return inTeam(context.req.raw, context.env, (opened) =>
      record === undefined ? missingPage(opened.session) : recordPage(opened, { instance, record }),
    );
  })
  .get("/live/:relay/:name", (context) =>
    handleLive(context.req.raw, context.env, {
      instance: `${context.req.param("relay")}/${context.req.param("name")}`,
      offset: offsetOf(context.req.query("offset")),
      record: keyOf(context.req.query("key")),
    }),
  );

function keyOf(text: string | undefined): string | undefined {
  return text === undefined || text === "" || text.length > MAX_KEY_LENGTH ? undefined : text;
}
