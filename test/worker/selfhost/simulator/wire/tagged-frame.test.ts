import { expect, test } from "vitest";
import { pushText, readFrame } from "../../../../../worker/selfhost/simulator/wire/tagged-frame.ts";

test.each([
  ['{"t":"ping"}', { t: "ping" }],
  ['\t{"t" : "ping", "zzz": [1e999]}\r', { t: "ping" }],
  ['["ping"]', { t: "ping" }],
  ['{"t":"req","id":1,"method":"m"}', { t: "req", id: 1n, method: "m", params: "null" }],
  [
    '{"t":"req","id":1,"method":"m","params":{"a":"\\u0041"}}',
    { t: "req", id: 1n, method: "m", params: '{"a":"\\u0041"}' },
  ],
  ['{"t":"sub","id":2,"topic":"a.#"}', { t: "sub", id: 2n, topic: "a.#" }],
  ['{"t":"unsub","sub":"2"}', { t: "unsub", sub: "2" }],
  [
    '{"t":"write","topic":"a","payload":{"value":1}}',
    { t: "write", topic: "a", payload: '{"value":1}' },
  ],
])("readFrame() reads %s", (line, frame) => {
  expect(readFrame(line)).toEqual(frame);
});

test.each([
  "",
  "garbage",
  "{}",
  "null",
  '{"t":"nope"}',
  '{"t":"pong"}',
  '{"t":"p\\u0069ng"}',
  '{"t":"ping","t":"ping"}',
  '{"t":"ping","topic":"a\\nb"}',
  '{"t":"ping","id":"1"}',
  '{"t":"ping"} x',
  '{"t":"req","id":1}',
  '{"t":"req","method":"m"}',
  '{"t":"req","id":-1,"method":"m"}',
  '{"t":"req","id":1.0,"method":"m"}',
  '{"t":"sub","id":1}',
  '{"t":"sub","id":1,"topic":"a\\u002eb"}',
  '{"t":"unsub","sub":2}',
  '{"t":"write","payload":1}',
])("readFrame() drops %s", (line) => {
  expect(readFrame(line)).toBeUndefined();
});

test("pushText() has the hosts' order of fields", () => {
  expect(pushText({ t: "snap", sub: "7", seq: 2, topic: "a", isLast: true, data: "{}" })).toBe(
    '{"t":"snap","seq":2,"last":true,"topic":"a","sub":"7","data":{}}',
  );
  expect(pushText({ t: "event", sub: "7", seq: 2, topic: undefined, data: "1.0" })).toBe(
    '{"t":"event","seq":2,"sub":"7","data":1.0}',
  );
});
