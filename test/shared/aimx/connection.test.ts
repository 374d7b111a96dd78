import fc from "fast-check";
import { expect, test } from "vitest";
import { AimxConnection, type AimxEvent, type RequestFailure } from "#shared/aimx/connection.ts";
import type { Dialect } from "#shared/aimx/dialect.ts";
import type { HostRequest } from "#shared/aimx/host-request.ts";
import { MAX_LINE_BYTES } from "#shared/aimx/limits.ts";
import type { Result } from "#shared/result.ts";

const encoder = new TextEncoder();
const V1_WELCOME =
  '{"version":"1.0","server":"aimdb","permissions":["read"],"writable_records":[],"max_subscriptions":8,"authenticated":false}';
const V3_WELCOME =
  '{"t":"reply","id":1,"ok":{"version":"3.0","server":"aimdb","permissions":["read"],"writable_records":[],"max_subscriptions":8,"authenticated":false}}';

function open() {
  return new AimxConnection({ form: "hybrid", client: "test/1", helloDeadlineMs: 500 });
}

function receive(connection: AimxConnection, ...lines: string[]): AimxEvent[] {
  return connection.receive(encoder.encode(lines.map((line) => `${line}\n`).join("")));
}

function ready(welcome: string) {
  const connection = open();
  receive(connection, welcome);
  return connection;
}

/** Sends a request and keeps what it came to. */
function ask<T>(
  connection: AimxConnection,
  make: (dialect: Dialect) => HostRequest<T>,
  deadlineMs = 5000,
) {
  const asked: { written: string; outcomes: Result<T, RequestFailure>[] } = {
    written: "",
    outcomes: [],
  };
  asked.written = connection.request(make, deadlineMs, (outcome) => asked.outcomes.push(outcome));
  return asked;
}

test.each([
  ["1", V1_WELCOME, { id: 2, method: "record.get", params: { record: "a" } }],
  ["3", V3_WELCOME, { t: "req", id: 2, method: "record.get", params: { name: "a" } }],
])("AimxConnection speaks the dialect of an AimX %s welcome", (_version, welcome, frame) => {
  const asked = ask(ready(welcome), (d) => d.get("a"));
  expect(JSON.parse(asked.written)).toEqual(frame);
});

test("AimxConnection refuses a request before the welcome and writes nothing", () => {
  const asked = ask(open(), (d) => d.list());
  expect(asked.written).toBe("");
  expect(asked.outcomes).toMatchObject([{ ok: false, error: { type: "closed" } }]);
});

test("AimxConnection closes when the hello is not answered in time", () => {
  const connection = open();
  expect(connection.nextDeadlineMs()).toBe(500);
  expect(connection.expire(499)).toEqual([]);
  expect(connection.expire(500)).toEqual([{ type: "closed", close: { reason: "hello_timeout" } }]);
});

test("AimxConnection tells a silent end from an end after words", () => {
  expect(open().end()).toEqual([{ type: "closed", close: { reason: "ended_silently" } }]);
  expect(ready(V3_WELCOME).end()).toEqual([{ type: "closed", close: { reason: "ended" } }]);
});

test("AimxConnection reads a refusal that lacks its newline", () => {
  const connection = open();
  connection.receive(encoder.encode('{"error":"authentication_required","message":"x"}'));
  expect(connection.end()).toMatchObject([
    { type: "closed", close: { reason: "refused", refusal: "token_required" } },
  ]);
});

test("AimxConnection matches answers by id, in any order", () => {
  const connection = ready(V3_WELCOME);
  const first = ask(connection, (d) => d.get("a"));
  const second = ask(connection, (d) => d.get("b"));

  receive(connection, '{"t":"reply","id":3,"ok":"B"}', '{"t":"reply","id":2,"ok":"A"}');

  expect(first.outcomes).toEqual([{ ok: true, value: "A" }]);
  expect(second.outcomes).toEqual([{ ok: true, value: "B" }]);
});

test("AimxConnection ignores an answer nobody waits for", () => {
  expect(receive(ready(V3_WELCOME), '{"t":"reply","id":99,"ok":1}')).toEqual([]);
});

test("AimxConnection fails a late request as timeout, the others as closed", () => {
  const connection = ready(V3_WELCOME);
  const late = ask(connection, (d) => d.get("a"), 1000);
  const other = ask(connection, (d) => d.get("b"), 2000);

  expect(connection.nextDeadlineMs()).toBe(1000);
  expect(connection.expire(1000)).toEqual([
    { type: "closed", close: { reason: "request_timeout" } },
  ]);
  expect(late.outcomes).toEqual([{ ok: false, error: { type: "timeout" } }]);
  expect(other.outcomes).toEqual([
    { ok: false, error: { type: "closed", close: { reason: "request_timeout" } } },
  ]);
});

test("AimxConnection takes a pong behind a silent subscription for its answer", () => {
  const connection = ready(V3_WELCOME);
  const asked = ask(connection, (d) => d.subscribe("a"));

  expect(asked.written).toBe('{"t":"sub","id":2,"topic":"a"}\n{"t":"ping"}\n');
  receive(connection, '{"t":"pong"}');
  expect(asked.outcomes).toEqual([{ ok: true, value: "2" }]);
});

test("AimxConnection keeps pongs apart when a subscription before was refused", () => {
  const connection = ready(V3_WELCOME);
  const refused = ask(connection, (d) => d.subscribe("none"));
  const taken = ask(connection, (d) => d.subscribe("a"));

  receive(connection, '{"t":"reply","id":2,"err":"denied"}', '{"t":"pong"}');
  expect(taken.outcomes).toEqual([]);
  receive(connection, '{"t":"pong"}');

  expect(refused.outcomes).toMatchObject([
    { error: { error: { code: "too_many_subscriptions" } } },
  ]);
  expect(taken.outcomes).toEqual([{ ok: true, value: "3" }]);
});

test("AimxConnection counts what AimX 3 skipped, and never below zero", () => {
  const event = (seq: number) => `{"t":"event","seq":${seq},"sub":"2","data":${seq}}`;
  const connection = ready(V3_WELCOME);
  ask(connection, (d) => d.subscribe("a"));
  const events = receive(connection, event(1), event(5), event(4), event(6));

  expect(events.map((e) => (e.type === "sample" ? e.sample.missed : e))).toEqual([0, 3, 0, 0]);
});

test("AimxConnection counts losses per subscription, from its first event on", () => {
  const events = receive(
    ready(V3_WELCOME),
    '{"t":"event","seq":3,"sub":"2","data":0}',
    '{"t":"event","seq":1,"sub":"3","data":0}',
  );
  expect(events).toMatchObject([{ sample: { missed: 2 } }, { sample: { missed: 0 } }]);
});

test("AimxConnection forgets the count of a subscription that has ended", () => {
  const connection = ready(V3_WELCOME);
  ask(connection, (d) => d.subscribe("a"));
  receive(connection, '{"t":"pong"}', '{"t":"event","seq":5,"sub":"2","data":0}');
  ask(connection, (d) => d.unsubscribe("2"));
  receive(connection, '{"t":"event","seq":6,"sub":"2","data":0}', '{"t":"pong"}');

  expect(receive(connection, '{"t":"event","seq":9,"sub":"2","data":0}')).toMatchObject([
    { sample: { missed: 8 } },
  ]);
});

test.each(["constructor", "valueOf", "__proto__", "hasOwnProperty"])(
  "AimxConnection takes the refusal %s for one that it does not know",
  (code) => {
    const connection = ready(V3_WELCOME);
    const asked = ask(connection, (d) => d.get("a"));
    receive(connection, `{"t":"reply","id":2,"err":"${code}"}`);

    expect(asked.outcomes).toEqual([
      {
        ok: false,
        error: {
          type: "host",
          error: { code: "host_error", message: `The host refused with "${code}".` },
        },
      },
    ]);
  },
);

test("AimxConnection closes when an AimX 1 host lost a request", () => {
  const connection = ready(V1_WELCOME);
  const asked = ask(connection, (d) => d.set("a", 1));

  receive(connection, '{"id":0,"error":{"code":"parse_error","message":"Invalid JSON"}}');

  expect(asked.outcomes).toEqual([
    { ok: false, error: { type: "closed", close: { reason: "lost_request" } } },
  ]);
});

test.each([
  ["not JSON", "HELO", "not_aimx"],
  ["half a frame", '{"t":"rep', "not_aimx"],
])("AimxConnection closes on a line that is %s", (_name, line, reason) => {
  expect(receive(ready(V3_WELCOME), line)).toEqual([{ type: "closed", close: { reason } }]);
});

test.each(['{"t":"snap","seq":1,"sub":"2","data":1}', '{"t":"later"}', "[]", "null", '"x"'])(
  "AimxConnection passes over the frame %s",
  (line) => {
    expect(receive(ready(V3_WELCOME), line)).toEqual([]);
  },
);

test("AimxConnection closes on a line without end", () => {
  const connection = ready(V3_WELCOME);
  const piece = new Uint8Array(MAX_LINE_BYTES / 4).fill(0x20);
  const events = [1, 2, 3, 4, 5].flatMap(() => connection.receive(piece));
  expect(events).toEqual([{ type: "closed", close: { reason: "line_too_long" } }]);
});

test("AimxConnection closed absorbs everything", () => {
  const connection = ready(V3_WELCOME);
  connection.close();

  expect(receive(connection, '{"t":"event","seq":1,"sub":"2","data":1}')).toEqual([]);
  expect(connection.end()).toEqual([]);
  expect(connection.close()).toEqual([]);
  expect(connection.expire(Number.MAX_SAFE_INTEGER)).toEqual([]);
  expect(ask(connection, (d) => d.list()).outcomes).toEqual([
    { ok: false, error: { type: "closed", close: { reason: "local" } } },
  ]);
});

test("AimxConnection says so when an answer has a form of no known version", () => {
  const connection = ready(V3_WELCOME);
  const asked = ask(connection, (d) => d.list());
  receive(connection, '{"t":"reply","id":2,"ok":{"rows":[]}}');
  expect(asked.outcomes).toMatchObject([{ error: { error: { code: "host_error" } } }]);
});

test.each([
  ["a", true],
  ["server::Temperature", true],
  ["sensor.#", false],
  ["*", false],
  ['quo"te', false],
  ["line\nbreak", false],
])("dialect 3 can subscribe to the key %j: %s", (key, can) => {
  let dialect: Dialect | undefined;
  ask(ready(V3_WELCOME), (d) => {
    dialect = d;
    return d.list();
  });
  expect(dialect?.canSubscribe(key)).toBe(can);
});

test("AimxConnection survives random bytes, and settles every request once", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(V1_WELCOME, V3_WELCOME),
      fc.array(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map((s) => encoder.encode(`${s}\n`)),
        ),
      ),
      (welcome, chunks) => {
        const connection = ready(welcome);
        const asked = [1, 2, 3].map(() => ask(connection, (d) => d.subscribe("a")));
        for (const chunk of chunks) connection.receive(chunk);
        connection.end();
        for (const { outcomes } of asked) expect(outcomes).toHaveLength(1);
      },
    ),
  );
});
