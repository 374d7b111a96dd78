import fc from "fast-check";
import { expect, test } from "vitest";
import { DrivenHost, greeted } from "../driven-host.ts";

const HELLO = '{"version":"1.0","client":"x"}';

function get(id: number): string {
  return `{"id":${id},"method":"record.get","params":{"record":"app.readonly"}}`;
}

function got(id: number | string): string {
  return `{"id":${id},"result":{"up":7}}`;
}

test("v1 session answers pipelined requests in their order, doubled ids included", () => {
  const peer = greeted(new DrivenHost({ aimx: "1.0" }));

  expect(peer.ask(get(3), get(1), get(1))).toEqual([got(3), got(1), got(1)]);
});

test("v1 session answers a line it cannot parse with id 0 and goes on", () => {
  const peer = greeted(new DrivenHost({ aimx: "1.0" }));

  expect(peer.ask("{not json", "", get(1))).toEqual([
    '{"id":0,"error":{"code":"parse_error","message":"Invalid JSON: key must be a string at line 1 column 2"}}',
    '{"id":0,"error":{"code":"parse_error","message":"Invalid JSON: EOF while parsing a value at line 1 column 0"}}',
    got(1),
  ]);
});

test("v1 session echoes an id beyond a double", () => {
  const peer = greeted(new DrivenHost({ aimx: "1.0" }));
  const request = get(1).replace('"id":1', '"id":18446744073709551615');

  expect(peer.ask(request)).toEqual([got("18446744073709551615")]);
});

test("v1 session takes a trailing carriage return and a last line without a newline", () => {
  const peer = greeted(new DrivenHost({ aimx: "1.0" }));

  expect(peer.sendText(`${get(1)}\r\n${get(2)}`)).toEqual([got(1)]);
  expect(peer.end()).toEqual([got(2), "<closed>"]);
});

test("v1 session closes without a word on a line that is not UTF-8", () => {
  const peer = greeted(new DrivenHost({ aimx: "1.0" }));

  expect(peer.sendBytes(new Uint8Array([0x7b, 0xff, 0x0a]))).toEqual(["<closed>"]);
});

test("v1 session sends events between replies", () => {
  const host = new DrivenHost({ aimx: "1.0" });
  const peer = greeted(host);
  peer.ask('{"id":1,"method":"record.subscribe","params":{"name":"sensor.locked"}}');
  peer.stopReading();
  host.produce("sensor.locked", { up: 1 });
  peer.ask(get(2), get(3));

  const kinds = peer.readAgain().map((line) => (line.startsWith('{"event"') ? "event" : "reply"));

  expect(kinds).toEqual(["reply", "event", "reply"]);
});

test("v1 session says the same however its input is cut", () => {
  const input = [HELLO, "", get(1), '{"id":2,"method":"é"}', "garbage", get(3)];
  const bytes = new TextEncoder().encode(`${input.slice(1).join("\n")}\n`);
  const whole = greeted(new DrivenHost({ aimx: "1.0" })).sendBytes(bytes);
  fc.assert(
    fc.property(fc.array(fc.nat(30)), (sizes) => {
      const peer = greeted(new DrivenHost({ aimx: "1.0" }));
      const said: string[] = [];
      let at = 0;
      for (const size of sizes) {
        said.push(...peer.sendBytes(bytes.subarray(at, at + size)));
        at += size;
      }
      said.push(...peer.sendBytes(bytes.subarray(at)));

      expect(said).toEqual(whole);
    }),
  );
});

test("v1 session survives any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isGreeted) => {
      const host = new DrivenHost({ aimx: "1.0" });
      const peer = isGreeted ? greeted(host) : host.connect();
      peer.sendBytes(bytes);

      expect(peer.end().at(-1) ?? "<closed>").toBe("<closed>");
    }),
  );
});
