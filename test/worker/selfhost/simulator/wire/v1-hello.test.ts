import { expect, test } from "vitest";
import type { HostConfig } from "../../../../../worker/selfhost/simulator/host-config.ts";
import { DrivenHost } from "../driven-host.ts";

const HELLO = '{"version":"1.0","client":"x"}';
const PING = '{"id":9,"method":"ping"}';
const PONG = '{"id":9,"error":{"code":"method_not_found","message":"Unknown method: ping"}}';

function connect(config: Partial<HostConfig> = {}) {
  return new DrivenHost({ aimx: "1.0", config }).connect();
}

test("v1 hello is answered with the types of the writable records", () => {
  expect(connect().ask(HELLO)).toEqual([
    '{"version":"1.0","server":"aimdb","permissions":["read","write"],"writable_records":' +
      '["demo_host::Status","demo_host::Fahrenheit","demo_host::Settings","demo_host::Command",' +
      '"demo_host::Command"],"max_subscriptions":8,"authenticated":false}',
  ]);
});

test.each([
  '{"version":"1","client":"x"}',
  '{"version":"1.0","client":"x","capabilities":["read"],"auth_token":"t"}',
  '{"version":"1.0","client":"x","capabilities":null}',
  '  {"version":"1.0","client":"x"}\r',
  '{"t":"req","id":1,"method":"hello","params":{"version":"3.0","client":"x"},"version":"1.0","client":"x"}',
])("v1 hello %s is welcome", (hello) => {
  expect(connect().ask(hello)).toEqual([expect.stringContaining('{"version":"1.0","server"')]);
});

test.each([
  "",
  "GET / HTTP/1.1",
  "{}",
  '{"version":"1.0"}',
  '{"version":1.0,"client":"x"}',
  '{"version":"1.0","client":"x","capabilities":[1]}',
  '{"hello":{"version":"1.0","client":"x"}}',
  '{"t":"req","id":1,"method":"hello","params":{"version":"3.0","client":"x"}}',
  '{"id":1,"method":"record.list"}',
])("v1 session closes without a byte on an unparseable hello: %s", (hello) => {
  expect(connect().ask(hello)).toEqual(["<closed>"]);
});

test("v1 hello with another version is refused by name", () => {
  expect(connect().ask('{"version":"2.0","client":"x"}')).toEqual([
    '{"error":"unsupported_version","message":"Server supports version 1.0, client requested 2.0"}',
    "<closed>",
  ]);
});

test.each([
  [HELLO, "authentication_required", "Auth token required"],
  [
    '{"version":"1.0","client":"x","auth_token":"no"}',
    "authentication_failed",
    "Invalid auth token",
  ],
])("v1 hello %s is refused where a token is configured", (hello, error, message) => {
  expect(connect({ authToken: "secret" }).ask(hello)).toEqual([
    `{"error":"${error}","message":"${message}"}`,
    "<closed>",
  ]);
});

test("v1 hello with the configured token is authenticated", () => {
  const [welcome] = connect({ authToken: "t" }).ask(
    '{"version":"1.0","client":"x","auth_token":"t"}',
  );

  expect(welcome).toContain('"authenticated":true');
});

test("v1 welcome of a read-only host names no writable record", () => {
  const [welcome] = connect({ policy: "read_only" }).ask(HELLO);

  expect(welcome).toContain('"permissions":["read"],"writable_records":[]');
});

test("v1 session discards what was pipelined after the hello", () => {
  const peer = connect();

  expect(peer.sendText(`${HELLO}\n${PING}\n{"id":8,`)).toHaveLength(1);
  expect(peer.ask(PING)).toEqual([PONG]);
});

test("v1 session discards no more than it had read at once", () => {
  const peer = connect();
  const lines = `${PING}\n`.repeat(1000);

  const [, , ...answers] = peer.sendText(`${HELLO}\n${lines}`);

  expect(answers.length).toBeGreaterThan(600);
  expect(answers.length).toBeLessThan(700);
});

test("v1 hello may come in pieces and end without a newline", () => {
  const peer = connect();
  peer.sendText(HELLO.slice(0, 9));
  peer.sendText(HELLO.slice(9));

  expect(peer.end()).toEqual([expect.stringContaining("aimdb"), "<closed>"]);
});

test("v1 session closes when the client ends before a hello", () => {
  expect(connect().end()).toEqual(["<closed>"]);
});
