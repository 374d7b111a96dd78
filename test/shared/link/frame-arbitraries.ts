/** Any frame that a version 1 peer may send, field by field within its bounds. */
import fc from "fast-check";
import { errorCodeSchema } from "#shared/failure.ts";
import { parseJson, type JsonValue } from "#shared/json/json.ts";
import type { RelayFrame, WorkerFrame } from "#shared/link/frame.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import { MAX_DEADLINE_MS, MAX_TEXT_LENGTH } from "#shared/link/limits.ts";
import type { LinkSample } from "#shared/link/sample.ts";
import { methodSchema } from "#shared/link/method.ts";
import { anyCharacter } from "../../support/any-character.ts";

/** As a peer reads it: long integers are texts already, and -0 is 0. */
export const anyJson: fc.Arbitrary<JsonValue> = fc
  .jsonValue()
  .map((value) => parseJson(JSON.stringify(value)));

/** Numbers that JSON carries unchanged. */
const anyNumber = fc
  .double({ min: -(2 ** 52), max: 2 ** 52, noNaN: true })
  .map((number) => number + 0);
const count = fc.nat();
const text = (maxLength: number) => fc.string({ maxLength, unit: anyCharacter });
const callId = fc.stringMatching(/^[0-9a-f]{32}$/);
const name = fc.stringMatching(/^[a-z0-9-]{1,40}$/);
const version = fc.integer({ min: 1, max: 1_000 });

const hello = fc.record(
  {
    t: fc.constant("hello" as const),
    versions: fc.record({ min: version, max: version }),
    relay_version: text(40),
    clock_ms: anyNumber,
    journal_id: callId,
    features: fc.array(text(40), { maxLength: 32 }),
  },
  { requiredKeys: ["t", "versions", "relay_version", "clock_ms"] },
);

const announcedInstance: fc.Arbitrary<AnnouncedInstance> = fc.record(
  {
    name,
    socket_path: text(100),
    state: fc.constantFrom("up", "down"),
    reason: text(100),
    protocol_version: text(20),
    server_version: text(100),
    permissions: fc.array(text(20), { maxLength: 10 }),
    max_subscriptions: fc.option(count),
    authenticated: fc.boolean(),
    capabilities: fc.subarray([
      "graph",
      "drain",
      "history",
      "metrics",
      "profiling",
      "signal_stats",
    ]),
    release_range: text(40),
    record_count: count,
    writable_count: count,
    records: fc.array(fc.record({ key: text(256), type_name: text(512) })),
  },
  { requiredKeys: ["name", "socket_path", "state", "record_count", "writable_count"] },
);

const inventory = fc.record({
  t: fc.constant("inventory" as const),
  confirm_writes: fc.constantFrom("always" as const, "local" as const, "never" as const),
  instances: fc.array(announcedInstance, { maxLength: 3 }),
  skipped: fc.array(fc.record({ socket_path: text(100), reason: text(100) }), { maxLength: 3 }),
});

const sample: fc.Arbitrary<LinkSample> = fc.record(
  {
    value: anyJson,
    at_ms: anyNumber,
    time_source: fc.constantFrom("host", "observed", "first_seen"),
    host_time: text(40),
    sequence: fc.option(count),
    epoch: text(40),
  },
  { requiredKeys: ["value", "at_ms", "time_source", "sequence", "epoch"] },
);

const lastKnown = fc.record({
  t: fc.constant("last_known" as const),
  instances: fc.array(
    fc.record({
      name,
      readings: fc.array(
        fc.record({
          record_key: text(256),
          loss: fc.constantFrom("counted" as const, "lower_bound" as const, "not_visible" as const),
          sample,
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
});

const replyHead = { t: fc.constant("reply" as const), id: callId, instance: name };
const details = fc.record(
  {
    nearest: fc.array(text(50)),
    candidates: fc.array(text(50)),
    offline_since: text(30),
    retry_after_s: anyNumber,
    required_scope: text(30),
  },
  { requiredKeys: [] },
);
const refusal = fc.record(
  {
    ...replyHead,
    err: fc.constantFrom(...errorCodeSchema.options),
    message: text(MAX_TEXT_LENGTH),
    details,
  },
  { requiredKeys: ["t", "id", "instance", "err"] },
);

const ended = fc.oneof(
  fc.record({
    outcome: fc.constant("applied" as const),
    record_key: text(50),
    echo: fc.constantFrom("same" as const, "differs" as const, "absent" as const),
  }),
  fc.record({
    outcome: fc.constantFrom("refused" as const, "not_applied" as const, "unknown" as const),
    code: fc.constantFrom(...errorCodeSchema.options),
    message: text(MAX_TEXT_LENGTH),
  }),
);
const rememberedWrite = fc.oneof(
  fc.record({
    id: callId,
    state: fc.constantFrom("never_seen" as const, "awaiting_local" as const, "under_way" as const),
  }),
  fc.record({ id: callId, state: fc.constant("ended" as const), outcome: ended }),
);
const outcomes = fc.record({
  t: fc.constant("outcomes" as const),
  writes: fc.array(rememberedWrite, { maxLength: 5 }),
});

export const anyRelayFrame: fc.Arbitrary<RelayFrame> = fc.oneof(
  hello,
  inventory,
  lastKnown,
  fc.record({ ...replyHead, ok: anyJson }),
  refusal,
  outcomes,
  fc.record({ t: fc.constant("drain" as const) }),
);

const welcome = fc.record(
  {
    t: fc.constant("welcome" as const),
    version,
    session: text(64),
    heartbeat_interval_ms: fc.integer({ min: 1_000, max: 600_000 }),
    server_time_ms: anyNumber,
    continuity: fc.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    features: fc.array(text(40), { maxLength: 32 }),
  },
  { requiredKeys: ["t", "version", "session", "heartbeat_interval_ms"] },
);

const request = fc.record({
  t: fc.constant("req" as const),
  id: callId,
  instance: name,
  principal: text(100),
  deadline_ms: fc.double({ min: 1, max: MAX_DEADLINE_MS, noNaN: true }),
  method: fc.constantFrom(...methodSchema.options),
  params: anyJson,
});

const outcomeQuery = fc.record({
  t: fc.constant("outcome" as const),
  ids: fc.array(callId, { minLength: 1, maxLength: 64 }),
});

const cancel = fc.record({ t: fc.constant("cancel" as const), id: callId });

export const anyWorkerFrame: fc.Arbitrary<WorkerFrame> = fc.oneof(
  welcome,
  request,
  cancel,
  outcomeQuery,
  fc.record({ t: fc.constant("drained" as const) }),
);
