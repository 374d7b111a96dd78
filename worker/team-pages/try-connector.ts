/**
 * What a client would meet at the connector URL, tried for a person: each step calls the real endpoint, within the
 * worker, because an installation may be allowed no outgoing connections.
 */
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { handleMcp } from "../mcp/endpoint.ts";
import { serveMcp } from "../mcp/serving/serve-mcp.ts";
import { hasOAuth, resourceOf } from "../oauth/library/authorization-server.ts";
import { serveResourceMetadata } from "../oauth/endpoints/discovery.ts";
import { originsOf } from "../origins.ts";

export interface Step {
  readonly name: string;
  readonly end: "passed" | "failed" | "skipped";
  /** The result, and what to do if it failed. */
  readonly text: string;
  readonly tookMs: number;
}

type Outcome = Pick<Step, "end" | "text">;

export async function tryConnector(opened: OpenedPage, nowMs: () => number): Promise<Step[]> {
  const steps: Step[] = [];
  const attempt = async (name: string, run: () => Promise<Outcome>): Promise<void> => {
    const startedAtMs = nowMs();
    const outcome = await run();
    steps.push({ name, ...outcome, tookMs: nowMs() - startedAtMs });
  };
  await attempt("The sign-in is found", () => findSignIn(opened));
  await attempt("The tools are offered", () => listTools(opened));
  const up = await opened.fleet.instances({});
  const instance = up.instances.find(({ status }) => status === "up")?.instance;
  await attempt("An instance answers", () =>
    instance === undefined
      ? Promise.resolve(nothingUp(up.relayCount))
      : askInstance(opened, instance),
  );
  return steps;
}

async function findSignIn({ env }: OpenedPage): Promise<Outcome> {
  const { main } = originsOf(env);
  if (!hasOAuth(main)) {
    return skipped("At plain HTTP on a network there is no sign-in: clients send an access token.");
  }
  const challenge = await handleMcp(requestOf(main, "ping"), env);
  const named = /resource_metadata="([^"]+)"/.exec(challenge.headers.get("www-authenticate") ?? "");
  if (challenge.status !== 401 || named?.[1] === undefined) {
    return failed("The connector URL does not say where to sign in. Look into the worker's log.");
  }
  const metadata: unknown = await (await serveResourceMetadata(new Request(named[1]), env)).json();
  const resource = safeParse(metadataSchema, metadata).data?.resource;
  return resource === resourceOf(main)
    ? passed(`A client without a token is sent to ${main.host}.`)
    : failed("The sign-in is for another address than the connector URL. Look at PUBLIC_URL.");
}

const metadataSchema = z.object({ resource: z.string() });

async function listTools(opened: OpenedPage): Promise<Outcome> {
  const tools = safeParse(toolsSchema, await ask(opened, "tools/list", {})).data?.result.tools;
  return tools === undefined || tools.length === 0
    ? failed("The worker offers no tools. Look into its log.")
    : passed(`${tools.length} tools.`);
}

const toolsSchema = z.object({ result: z.object({ tools: z.array(z.object({})) }) });

function nothingUp(relayCount: number): Outcome {
  return failed(
    relayCount === 0
      ? "The team has no relay yet. Make a join token on the Team page and enroll one."
      : "No instance is up. Run aimdb-relay doctor on a gateway.",
  );
}

async function askInstance(opened: OpenedPage, instance: string): Promise<Outcome> {
  const call = { name: "list_records", arguments: { instance, response_format: "concise" } };
  const result = safeParse(callSchema, await ask(opened, "tools/call", call)).data?.result;
  if (result === undefined || result.isError === true) {
    return failed(`${instance} did not answer. Its page says more.`);
  }
  return passed(`${instance} said which records it has.`);
}

const callSchema = z.object({ result: z.object({ isError: z.optional(z.boolean()) }) });

/** Asks as this person's client would, for what the person may read. */
async function ask({ fleet }: OpenedPage, method: string, params: object): Promise<unknown> {
  const message = { jsonrpc: "2.0", id: 1, method, params };
  const request = new Request("https://connector.invalid/mcp", {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify(message),
  });
  const response = await serveMcp(request, message, {
    fleet,
    explain: () => "The worker failed. Its log has the reason.",
    requestState: undefined,
    stillAllowed: () => Promise.resolve(true),
  });
  return response.json();
}

function requestOf(main: URL, method: string): Request {
  return new Request(resourceOf(main), {
    method: "POST",
    headers: { ...HEADERS, host: main.host },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method }),
  });
}

const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2025-11-25",
};

function passed(text: string): Outcome {
  return { end: "passed", text };
}

function failed(text: string): Outcome {
  return { end: "failed", text };
}

function skipped(text: string): Outcome {
  return { end: "skipped", text };
}
