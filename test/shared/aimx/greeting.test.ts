import fc from "fast-check";
import { expect, test } from "vitest";
import { helloLine, readGreeting } from "#shared/aimx/greeting.ts";

test("helloLine hybrid is one line that plain and tagged hosts both read", () => {
  const line = helloLine("hybrid", "relay/0.1");

  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(JSON.parse(line)).toEqual({
    t: "req",
    id: 1,
    method: "hello",
    params: { version: "3.0", client: "relay/0.1" },
    version: "1.0",
    client: "relay/0.1",
  });
});

test.each([
  ["an HTTP server's answer", "HTTP/1.1 400 Bad Request"],
  ["an empty line", ""],
  ["a number", "7"],
  ["another JSON protocol", '{"jsonrpc":"2.0","id":1,"result":{}}'],
  ["a tagged reply to another id", '{"t":"reply","id":2,"ok":{"version":"3.0","server":"aimdb"}}'],
  ["an event", '{"t":"event","seq":1,"sub":"1","data":1}'],
  ["a tagged welcome without a version", '{"t":"reply","id":1,"ok":{"server":"aimdb"}}'],
  ["an error that every object has", '{"error":"constructor"}'],
  ["an error of no AimX host", '{"error":"teapot","message":"short and stout"}'],
])("readGreeting takes %s for foreign", (_name, line) => {
  expect(readGreeting(line)).toEqual({ type: "foreign" });
});

test.each([
  [
    '{"error":"unsupported_version","message":"Server supports version 1.0, client requested 2.0"}',
    "unknown_version",
  ],
  ['{"error":"authentication_required","message":"Auth token required"}', "token_required"],
  ['{"error":"authentication_failed","message":"Invalid auth token"}', "token_wrong"],
  ['{"t":"reply","id":1,"err":"version_mismatch"}', "unknown_version"],
  ['{"t":"reply","id":1,"ok":{"version":"4.1","server":"aimdb"}}', "unknown_version"],
  ['{"t":"reply","id":1,"ok":{"version":"constructor","server":"aimdb"}}', "unknown_version"],
  ['{"version":"2.0","server":"aimdb"}', "unknown_version"],
])("readGreeting reads the refusal %s", (line, reason) => {
  expect(readGreeting(line)).toMatchObject({ type: "refused", reason });
});

test("readGreeting names an unknown version and what to update", () => {
  expect(
    readGreeting('{"t":"reply","id":1,"ok":{"version":"4.1","server":"aimdb"}}'),
  ).toMatchObject({
    message: "The host speaks AimX 4.1; this relay speaks 1, 2 and 3. Update the relay.",
  });
});

test("readGreeting never throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      expect(["welcome", "refused", "foreign"]).toContain(readGreeting(line).type);
    }),
  );
});
