import fc from "fast-check";
import { expect, test } from "vitest";
import { DrivenHost } from "../driven-host.ts";

const PING = '{"t":"ping"}';
const PONG = '{"t":"pong"}';
const GET_SETTINGS = '{"t":"req","id":1,"method":"record.get","params":{"name":"app.settings"}}';

function connect() {
  const host = new DrivenHost({ aimx: "3.0" });
  return { host, peer: host.connect() };
}

test("v3 session serves without a hello", () => {
  expect(connect().peer.ask(PING)).toEqual([PONG]);
});

test.each(["", "{not json", '{"id":1,"method":"record.list"}', '{"version":"1.0","client":"x"}'])(
  "v3 session skips %s without a word",
  (line) => {
    expect(connect().peer.ask(line, PING)).toEqual([PONG]);
  },
);

test.each([
  ['{"value":{"log_level":"a","max":1}}', '{"log_level":"a","max":1}'],
  ['{"log_level":"b","max":2}', '{"log_level":"b","max":2}'],
])("v3 write of %s is not answered", (payload, stored) => {
  const { peer } = connect();

  expect(peer.ask(`{"t":"write","topic":"app.settings","payload":${payload}}`)).toEqual([]);
  expect(peer.ask(GET_SETTINGS)).toEqual([`{"t":"reply","id":1,"ok":${stored}}`]);
});

test.each([
  '{"t":"write","topic":"app.readonly","payload":{"up":1}}',
  '{"t":"write","topic":"nope","payload":1}',
  '{"t":"write","topic":"app.settings","payload":{"value":5}}',
  '{"t":"write","topic":"app.settings"}',
])("v3 write %s is refused in silence", (frame) => {
  const { peer } = connect();

  expect(peer.ask(frame, GET_SETTINGS)).toEqual(['{"t":"reply","id":1,"err":"not_found"}']);
});

test("v3 session answers everything it has received before it sends events", () => {
  const { host, peer } = connect();
  peer.ask('{"t":"sub","id":1,"topic":"sensor.locked"}');
  peer.stopReading();
  host.produce("sensor.locked", { up: 1 });
  peer.ask(PING, PING);

  expect(peer.readAgain()).toEqual([PONG, PONG, expect.stringContaining('"t":"event"')]);
});

test("v3 session does not work on its input while the client does not read", () => {
  const { peer } = connect();
  peer.stopReading();
  peer.ask('{"t":"write","topic":"app.settings","payload":{"log_level":"a","max":1}}');

  expect(peer.ask(GET_SETTINGS)).toEqual([]);
  expect(peer.readAgain()).toHaveLength(1);
});

test("v3 session answers a last line without a newline, then closes", () => {
  const { peer } = connect();

  expect(peer.sendText(`${PING}\n${PING}`)).toEqual([PONG]);
  expect(peer.end()).toEqual([PONG, "<closed>"]);
});

test("v3 session closes without a word on a line that is not UTF-8", () => {
  expect(connect().peer.sendBytes(new Uint8Array([0x7b, 0xff, 0x0a]))).toEqual(["<closed>"]);
});

test("v3 session that loses half a line drops the other half as garbage", () => {
  const { peer } = connect();
  peer.sendText('{"t":"pi');
  peer.dropHalfLine();

  expect(peer.ask('ng"}', PING)).toEqual([PONG]);
});

test("v3 session says the same however its input is cut", () => {
  const input = [PING, '{"t":"sub","id":1,"topic":"nope"}', "é", GET_SETTINGS, PING, ""];
  const bytes = new TextEncoder().encode(input.join("\n"));
  const whole = connect().peer.sendBytes(bytes);
  fc.assert(
    fc.property(fc.array(fc.nat(30)), (sizes) => {
      const { peer } = connect();
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

test("v3 session survives any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const { peer } = connect();
      peer.sendBytes(bytes);

      expect(peer.end().at(-1) ?? "<closed>").toBe("<closed>");
    }),
  );
});

test("v3 session survives any frame", () => {
  const text = fc.constantFrom("req", "sub", "unsub", "write", "1", "#", "app.*", "record.get");
  const frame = fc.record(
    { t: text, id: fc.nat(3), method: text, topic: text, sub: text, params: fc.jsonValue() },
    { requiredKeys: ["t"] },
  );
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      const { host, peer } = connect();
      const said = [...peer.ask(...frames.map((each) => JSON.stringify(each)))];
      host.produce("sensor.locked", { up: 1 });
      said.push(...peer.take());

      expect(said.map((line) => typeof JSON.parse(line))).toEqual(said.map(() => "object"));
    }),
  );
});
