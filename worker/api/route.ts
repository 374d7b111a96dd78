/** One route of the management API, defined once: it is served and documented from the same value. */
import * as z from "zod/mini";
import { describeIssue } from "#shared/parse/describe-issue.ts";
import { ok, type Result } from "#shared/result.ts";
import { allows, type Scope } from "#shared/access/scope.ts";
import type { Effect } from "../access/rights.ts";
import { forgetCallers } from "../auth/known-callers.ts";
import type { Env } from "../env.ts";
import { errorResponse, type HttpError } from "../http/answer/error-response.ts";
import { entityTag, readIfMatch } from "../http/if-match.ts";
import { readJson } from "../http/body/read-json.ts";
import type { Remote } from "../object-namespace.ts";
import type { TeamRpc } from "../team/rpc.ts";
import { teamOf } from "../team/stub.ts";
import { logged } from "./logged.ts";
import { actIn, NO_TEAM, type Actor, type Caller } from "./caller.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const MAX_BODY_BYTES = 16 * 1024;

/** An object id of the platform. */
export const teamId = z.string().check(z.regex(/^[0-9a-f]{64}$/));

export interface RouteContext<Body, Query> {
  readonly env: Env;
  readonly caller: Caller;
  readonly actor: Actor;
  readonly team: Remote<TeamRpc>;
  /** The path's `:id` or `:name`; it may be anything. */
  readonly target: string;
  /** For what is made: the id that its form chose, so that the same form makes it once. */
  readonly newId: string | undefined;
  readonly body: Body;
  readonly query: Query;
  /** The versions from `If-Match`; absent if the caller sent none. */
  readonly over: readonly string[] | undefined;
  readonly nowMs: number;
}

interface RouteSettings<B extends z.ZodMiniType, Q extends z.ZodMiniType, A extends z.ZodMiniType> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  readonly path: string;
  /** Its name in the team's log; every route that changes something has one. */
  readonly action?: string;
  /** It concerns no single team: the operator names none, and must not use `team`. */
  readonly isOfNoTeam?: true;
  /** Instead of being logged in the caller's team. */
  readonly isLoggedByItself?: true;
  readonly summary: string;
  /** The scope a caller needs in the team; "operator" is the admin token alone. */
  readonly needs: Scope | "operator";
  /** `nothing` takes none. */
  readonly body: B;
  /** Absent: MAX_BODY_BYTES. */
  readonly maxBodyBytes?: number;
  readonly query: Q;
  readonly status: 200 | 201 | 204;
  /**
   * It takes rights away: if a holder could not be told in time, the answer is 202 with when the change takes
   * effect.
   */
  readonly takesEffect?: true;
  /** Its answer has an `ETag`, and the routes that change it honor `If-Match`. */
  readonly isVersioned?: true;
  /** Absent: JSON. */
  readonly media?: "application/x-ndjson";
  /** Null: no body. For lines, the schema of one line. */
  readonly answer: A | null;
  /** Besides those that any route has. */
  readonly errors: readonly (404 | 409 | 412)[];
  readonly run: (
    context: RouteContext<z.infer<B>, z.infer<Q>>,
  ) => Promise<Result<z.infer<A> | null | Later | Lines | Versioned<z.infer<A>>, HttpError>>;
}

/** The change is done, and takes effect everywhere by then. */
export class Later {
  readonly effectiveAtMs: number;

  constructor(effectiveAtMs: number) {
    this.effectiveAtMs = effectiveAtMs;
  }
}

export class Versioned<T> {
  readonly value: T;
  readonly version: string;

  constructor(value: T, version: string) {
    this.value = value;
    this.version = version;
  }
}

/** One line of JSON each, produced as the reader takes them. */
export class Lines {
  readonly lines: AsyncIterable<object>;

  constructor(lines: AsyncIterable<object>) {
    this.lines = lines;
  }
}

export const laterSchema = z.object({ effective_at: z.string() });

/** Null, hence no content, if it takes effect at once. */
export function whenEffective(effect: Effect): null | Later {
  return effect.type === "now" ? null : new Later(effect.atMs);
}

interface Called {
  readonly caller: Caller;
  readonly target: string;
  readonly newId?: string | undefined;
}

export interface Route extends Pick<
  RouteSettings<z.ZodMiniType, z.ZodMiniType, z.ZodMiniType>,
  | "method"
  | "path"
  | "action"
  | "summary"
  | "needs"
  | "body"
  | "query"
  | "status"
  | "takesEffect"
  | "isVersioned"
  | "media"
  | "answer"
  | "errors"
> {
  handle(request: Request, env: Env, called: Called): Promise<Response>;
}

export const nothing = z.object({});

/** The team is in the query, or in a body that has the field. */
export const teamQuery = z.object({ team: z.optional(teamId) });

export function route<B extends z.ZodMiniType, Q extends z.ZodMiniType, A extends z.ZodMiniType>(
  settings: RouteSettings<B, Q, A>,
): Route {
  const { run: _run, ...documented } = settings;
  return {
    ...documented,
    async handle(request, env, { caller, target, newId }) {
      const input = await readInput(settings, request);
      if (!input.ok) return errorResponse(input.error);
      const { query, body, asked } = input.value;
      const { isOfNoTeam = false } = settings;
      const isForFirstTeam = settings.method !== "get" && settings.method !== "delete";
      const about = { teamId: asked, isOfNoTeam, isForFirstTeam };
      const acting = await actIn(env, caller, about);
      if (!acting.ok) return errorResponse(acting.error);
      const actor = acting.value;
      const refusal = refusalOf(settings.needs, actor);
      if (refusal !== undefined) return errorResponse(refusal);
      const team = teamOf(env, actor.teamId);
      if (team === undefined) return errorResponse(NO_TEAM);
      const nowMs = Date.now();
      const over = readIfMatch(request.headers.get("if-match"));
      const run = () =>
        settings.run({ env, caller, actor, team, target, newId, body, query, over, nowMs });
      const { action, isLoggedByItself = false } = settings;
      const answer =
        action === undefined || isLoggedByItself
          ? await run()
          : await logged({ team, principal: actor.principal, action, target, body, nowMs }, run);
      if (!answer.ok) return errorResponse(answer.error);
      if (settings.method !== "get") forgetCallers(actor.teamId);
      return toResponse(answer.value, settings.status);
    },
  };
}

function toResponse(value: unknown, status: number): Response {
  const headers = { "cache-control": "no-store" };
  if (value === null) return new Response(null, { status, headers });
  if (value instanceof Later) {
    const effective_at = isoTime(value.effectiveAtMs);
    return Response.json({ effective_at }, { status: 202, headers });
  }
  if (value instanceof Versioned) {
    const etag = entityTag(value.version);
    return Response.json(value.value, { status, headers: { ...headers, etag } });
  }
  if (!(value instanceof Lines)) return Response.json(value, { status, headers });
  const type = { ...headers, "content-type": "application/x-ndjson" };
  return new Response(toStream(value), { status, headers: type });
}

/** Nothing is read ahead of the reader. */
function toStream({ lines }: Lines): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.asyncIterator]();
  const text = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(text.encode(`${JSON.stringify(next.value)}\n`));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

interface Input<B extends z.ZodMiniType, Q extends z.ZodMiniType> {
  readonly query: z.infer<Q>;
  readonly body: z.infer<B>;
  readonly asked: string | undefined;
}

async function readInput<B extends z.ZodMiniType, Q extends z.ZodMiniType>(
  settings: Pick<RouteSettings<B, Q, z.ZodMiniType>, "body" | "query" | "maxBodyBytes">,
  request: Request,
): Promise<Result<Input<B, Q>, HttpError>> {
  const url = new URL(request.url);
  const query = safeParse(settings.query, Object.fromEntries(url.searchParams));
  if (!query.success) return { ok: false, error: invalidQuery(settings.query, query.error.issues) };
  const read = await readJson(request, settings.body, settings.maxBodyBytes ?? MAX_BODY_BYTES);
  if (!read.ok) return read;
  const body = read.value;
  const asked = safeParse(teamIn, body).data?.team ?? safeParse(teamIn, query.data).data?.team;
  return ok({ query: query.data, body, asked });
}

const teamIn = z.object({ team: z.optional(z.string()) });

function refusalOf(needs: Scope | "operator", actor: Actor): HttpError | undefined {
  if (needs === "operator") return actor.isOperator ? undefined : OPERATOR_ONLY;
  return allows(actor.scopes, needs) ? undefined : insufficientScope(needs);
}

export function insufficientScope(needed: Scope): HttpError {
  return {
    status: 403,
    code: "insufficient_scope",
    message: `This needs the scope ${needed}.`,
    required_scope: needed,
  };
}

const OPERATOR_ONLY: HttpError = {
  status: 403,
  code: "operator_only",
  message: "This is for the installation's operator: send the admin token.",
};

function invalidQuery(query: z.ZodMiniType, issues: readonly z.core.$ZodIssue[]): HttpError {
  const problems = issues.flatMap((issue) => {
    const example = exampleOf(query, issue.path[0]);
    const like = example === undefined ? "" : `; write it like ${example}`;
    return describeIssue(issue, () => "").map((problem) => `${problem}${like}`);
  });
  const message = `Invalid query. ${problems.join(". ")}.`;
  return { status: 400, code: "invalid_input", message };
}

/** As the OpenAPI document has it. */
function exampleOf(query: z.ZodMiniType, name: PropertyKey | undefined): string | undefined {
  if (!(query instanceof z.ZodMiniObject)) return undefined;
  const schema = query.shape[String(name)];
  const examples = schema === undefined ? undefined : z.globalRegistry.get(schema)?.["examples"];
  return Array.isArray(examples) ? String(examples[0]) : undefined;
}

/** The same for what never existed, what is gone and what belongs to another team. */
export const NOTHING: HttpError = {
  status: 404,
  code: "not_found",
  message: "There is no such thing in this team.",
};

export function notMade(reason: "missing" | "limit" | "made_before" | "has_owner"): HttpError {
  if (reason === "made_before") return MADE_BEFORE;
  return reason === "limit" ? TOO_MANY : NOTHING;
}

const MADE_BEFORE: HttpError = {
  status: 409,
  code: "made_before",
  message:
    "This form was sent before, and what it made is in the list. If you did not copy it, end that one and make another.",
};

export const TOO_MANY: HttpError = {
  status: 409,
  code: "team_limit",
  message: "No more of these are allowed. Remove one first.",
};

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export const time = z.string().check(z.describe("ISO-8601, UTC"));
export const itemId = z.string().check(z.regex(/^[0-9a-f]{16}$/));
