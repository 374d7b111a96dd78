/** The Worker with the conformance suite's fixtures: the same app, routes, checks and objects. */
import { Hono } from "hono";
import { isJsonObject } from "../../shared/json/json.ts";
import { app, type AppEnv } from "../../worker/app.ts";
import type { McpExtension } from "../../worker/mcp/serving/extension.ts";
import { addListener } from "./fixtures/change-triggers.ts";
import { TELLING_TOOLS } from "./fixtures/content-tools.ts";
import { newFixtureServer } from "./fixtures/fixture-server.ts";

// oxlint-disable-next-line oxc/no-barrel-file -- every object that wrangler.toml names, whichever they are
export * from "../../worker/worker.ts";

const FIXTURES: McpExtension = {
  newServer: newFixtureServer,
  onListen: addListener,
  isStreamed: (body) =>
    isJsonObject(body) && isJsonObject(body["params"]) && TELLING_TOOLS.has(body["params"]["name"]),
};

const fixtureApp = new Hono<AppEnv>()
  .use(async (context, next) => {
    context.set("mcpExtension", FIXTURES);
    await next();
  })
  .route("/", app);

export default { fetch: fixtureApp.fetch };
