/** The OpenAPI 3.1 document of the management API, generated from the routes themselves. */
import * as z from "zod/mini";
import { EVENTS_OPERATION } from "../events/openapi.ts";
import type { OriginSettings } from "../origins.ts";
import { originsOf } from "../origins.ts";
import { WORKER_VERSION } from "../version.ts";
import { laterSchema, nothing, type Route } from "./route.ts";

/** Every error has this form. */
export const errorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    required_scope: z.optional(z.string()),
  }),
});

const ANY_ROUTE_ERRORS = [400, 401, 403, 413, 429, 503] as const;

const MEANINGS: Readonly<Record<number, string>> = {
  200: "Here it is",
  201: "Made",
  202: "Done; it holds everywhere by then",
  204: "Done",
  400: "The request is not of the form above, or a team has to be named",
  401: "No token, or not one that is known",
  403: "The caller may not do this",
  404: "There is no such thing in the caller's teams",
  409: "It would break a rule of the team",
  412: "It was changed meanwhile: it is no longer what `If-Match` names, so nothing was changed",
  413: "The body is too large",
  429: "The caller asks too often, or too many wrong tokens came from its network: see `Retry-After`",
  503: "No answer came in time: the change may have been made (`deadline_exceeded`). Or the team's log can't be written, so nothing was (`audit_unavailable`). Or a newer release wrote what is stored (`newer_state`)",
};

export function openApiDocument(routes: readonly Route[], settings: OriginSettings): object {
  const paths: Record<string, Record<string, object>> = { "/events": { get: EVENTS_OPERATION } };
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: describeRoute(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "aimdb-remote management API",
      version: WORKER_VERSION,
      description:
        "Teams, people, tokens and relays. Authorized by the admin token, by an access token with " +
        "aimdb:admin, or by a page's session with the header x-csrf-token.",
    },
    servers: [{ url: new URL("/api/v1", originsOf(settings).main).href }],
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Error: toJsonSchema(errorSchema, "output") },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "__Host-session" },
      },
    },
  };
}

function describeRoute(route: Route): object {
  const { method, path, summary, needs, body, query, status, answer, errors, takesEffect } = route;
  const parameters = [
    ...pathParameters(path),
    ...queryParameters(query),
    ...(route.isVersioned === true && method !== "get" ? [IF_MATCH] : []),
  ];
  const failures = [...ANY_ROUTE_ERRORS, ...errors].toSorted((a, b) => a - b);
  return {
    operationId: operationId(method, path),
    summary,
    description: needs === "operator" ? "Needs the admin token." : `Needs ${needs} in the team.`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === nothing
      ? {}
      : { requestBody: { required: false, content: json(toJsonSchema(body, "input")) } }),
    responses: Object.fromEntries([
      [
        String(status),
        {
          description: MEANINGS[status],
          ...(route.isVersioned === true ? { headers: { ETag: TAG } } : {}),
          ...(answer === null
            ? {}
            : { content: content(route.media, toJsonSchema(answer, "output")) }),
        },
      ],
      ...(takesEffect === true
        ? [
            [
              "202",
              { description: MEANINGS[202], content: json(toJsonSchema(laterSchema, "output")) },
            ],
          ]
        : []),
      ...failures.map((failure) => [
        String(failure),
        {
          description: MEANINGS[failure],
          content: json({ $ref: "#/components/schemas/Error" }),
        },
      ]),
    ]),
  };
}

const TAG = { description: "Of what is answered", schema: { type: "string" } };
const IF_MATCH = {
  name: "If-Match",
  in: "header",
  required: false,
  description: "The ETag of what you read: nothing is changed if it is another meanwhile",
  schema: { type: "string" },
};

function operationId(method: string, path: string): string {
  const words = path.split("/").flatMap((part) => (part === "" ? [] : part.split("-")));
  const named = words.map((word) => word.replace(":", "by_"));
  return [method, ...named].join("_");
}

function pathParameters(path: string): object[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

/** The part of JSON Schema that the schema of a query uses. */
const queryShape = z.object({
  properties: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
  required: z.optional(z.array(z.string())),
});

function queryParameters(query: z.ZodMiniType): object[] {
  const { properties = {}, required = [] } = queryShape.parse(toJsonSchema(query, "input"));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function json(schema: object): object {
  return content("application/json", schema);
}

/** For a media type of lines, the schema describes one line. */
function content(media: string | undefined, schema: object): object {
  return { [media ?? "application/json"]: { schema } };
}

function toJsonSchema(schema: z.ZodMiniType, io: "input" | "output"): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
