/**
 * One deadline for all that a request asks of objects, set at its entry: its handlers get bindings whose objects
 * answer within it, or throw `LateError`. `/mcp` does without: each of its calls has a deadline of its own.
 */
import type { Context, MiddlewareHandler } from "hono";
import { MAX_DEADLINE_MS } from "#shared/link/limits.ts";
import { Deadline } from "../deadline.ts";
import type { Env } from "../env.ts";
import type { ObjectNamespace } from "../object-namespace.ts";
import { unavailableResponse } from "./answer/unavailable-response.ts";

/** A page's questions to a device have 15 s. */
const SEEN_WITHIN_MS = 20_000;
/** A write that a person approves may take as long as one over the link. */
const CHANGED_WITHIN_MS = MAX_DEADLINE_MS + 5_000;
const RETRY_AFTER_S = 5;

export interface TimedEnv {
  Bindings: Env;
  /** Replaces the times set here. */
  Variables: { askWithinMs?: number };
}

export const askInTime: MiddlewareHandler<TimedEnv> = async (context, next) => {
  const { method } = context.req;
  const withinMs =
    context.var.askWithinMs ?? (method === "GET" ? SEEN_WITHIN_MS : CHANGED_WITHIN_MS);
  const whole = new Deadline(withinMs);
  let isAnswered = false;
  // After its answer has begun, a stream keeps asking for as long as it is open.
  const time = () => (isAnswered ? new Deadline(CHANGED_WITHIN_MS) : whole);
  context.env = timedEnv(context.env, time);
  await next();
  isAnswered = true;
};

function timedEnv(env: Env, time: () => Deadline): Env {
  return {
    ...env,
    DIRECTORY: timedObjects(env.DIRECTORY, time),
    ACCOUNT: timedObjects(env.ACCOUNT, time),
    TEAM: timedObjects(env.TEAM, time),
    RELAY: timedObjects(env.RELAY, time),
    OAUTH_SHARD: timedObjects(env.OAUTH_SHARD, time),
  };
}

function timedObjects<Rpc>(
  objects: ObjectNamespace<Rpc>,
  time: () => Deadline,
): ObjectNamespace<Rpc> {
  return {
    get: (id) => timedObject(objects.get(id), time),
    newUniqueId: () => objects.newUniqueId(),
    idFromString: (id) => objects.idFromString(id),
    idFromName: (name) => objects.idFromName(name),
  };
}

function timedObject<T extends object>(object: T, time: () => Deadline): T {
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        time().ask(async (): Promise<unknown> => Reflect.apply(member, target, args));
    },
  });
}

/** The answer to a request that an object did not answer in time. */
export function lateResponse({ req }: Context): Response | Promise<Response> {
  const text = req.method === "GET" ? SEEN_LATE : CHANGED_LATE;
  const code = "deadline_exceeded";
  return unavailableResponse(
    { req },
    { title: "No answer came in time", code, text, retryAfterS: RETRY_AFTER_S },
  );
}

const SEEN_LATE = "A part of the worker did not answer in time. Try again in a moment.";
const CHANGED_LATE =
  "A part of the worker did not answer in time. What you asked for may have been done, or may be done still: look before you ask again.";
