/** `subscriptions/listen`, as far as it asks for resources. */
import * as z from "zod/mini";
import { isJsonObject } from "../../json/json.ts";
import { safeParse } from "../../parse/safe-parse.ts";

const METHOD = "subscriptions/listen";

const listenRequestSchema = z.looseObject({
  method: z.literal(METHOD),
  params: z.looseObject({
    notifications: z.looseObject({ resourceSubscriptions: z.optional(z.array(z.string())) }),
  }),
});
export type ListenRequest = z.infer<typeof listenRequestSchema>;

/** Undefined for any other request, and for one of a form that the SDK refuses. */
export function parseListen(body: unknown): ListenRequest | undefined {
  // Every request is asked, and nearly all are another: a mismatch would cost the making of an error.
  if (!isJsonObject(body) || body["method"] !== METHOD) return undefined;
  const parsed = safeParse(listenRequestSchema, body);
  return parsed.success ? parsed.data : undefined;
}

/** The same request for those of its resources that can be watched: what the SDK acknowledges. */
export function granting(body: ListenRequest, uris: readonly string[]): ListenRequest {
  const { resourceSubscriptions: _asked, ...others } = body.params.notifications;
  const notifications =
    uris.length === 0 ? others : { ...others, resourceSubscriptions: [...uris] };
  return { ...body, params: { ...body.params, notifications } };
}
