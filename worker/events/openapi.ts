/** `/api/v1/events` in the API's document: a stream is not defined as the other routes are. */
import { MAX_INSTANCES, MAX_RECORDS } from "./limits.ts";

const EVENTS = [
  "relay: how a relay is, with its instances; `change` is initial, or what happened: enrolled, connected, disconnected, renamed, suspended, resumed, revoked",
  "instance: an instance of a connected relay is up, down or gone",
  "hello: the stream is open; `resumed` says whether it goes on from Last-Event-ID",
  "sample: a value of a record, with timestamp, timestamp_source, age_ms, sequence and epoch",
  "gap: samples are missing; `reason`, `missed` (null: nobody can count them), from, to",
  "unavailable, available: a record can't be read for now, or can again",
  "bye: the stream ends; `reason` is renew (it is old enough), revoked, replaced (its reader goes on in another) or internal",
];

const failure = (description: string) => ({
  description,
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
});

export const EVENTS_OPERATION = {
  operationId: "get_events",
  summary: "Follow relays, instances and samples as they change",
  description:
    "Needs aimdb:read, of an access token or an OAuth token. Server-sent events; each event's id, brought back as " +
    `Last-Event-ID with the same query, continues after it.\n\n- ${EVENTS.join("\n- ")}`,
  parameters: [
    {
      name: "record",
      in: "query",
      required: false,
      description: `<relay>/<instance>/<key>, repeatable: ${MAX_RECORDS} records of ${MAX_INSTANCES} instances at most`,
      schema: { type: "array", items: { type: "string" }, maxItems: MAX_RECORDS },
    },
    {
      name: "presence",
      in: "query",
      required: false,
      description: "Whether relays and instances are reported; true unless it is false",
      schema: { type: "boolean" },
    },
    {
      name: "last_event_id",
      in: "query",
      required: false,
      description: "For clients that can't send the header",
      schema: { type: "string" },
    },
    { name: "Last-Event-ID", in: "header", required: false, schema: { type: "string" } },
  ],
  security: [{ bearer: [] }],
  responses: {
    "200": {
      description: "The stream, for a quarter of an hour at most",
      content: { "text/event-stream": { schema: { type: "string" } } },
    },
    "400": failure("The query is not of the form above"),
    "401": failure("No token, or not one that is known"),
    "403": failure("The token lacks aimdb:read"),
    "404": failure("The caller's team has no such relay"),
    "429": failure("Ten streams of this principal are open; Retry-After says when to ask again"),
    "503": failure(
      "No answer came in time; or the team's log can't be written, and audit_reads is strict",
    ),
  },
} as const;
