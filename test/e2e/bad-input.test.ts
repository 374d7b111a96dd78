/** Bad input at the worker's edges: a clear error for the sender, and everyone else unharmed. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HEARTBEAT_REQUEST } from "#shared/link/heartbeat.ts";
import { Device, HELLO, LinkPeer } from "../support/link/link-peer.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

let bed: TestBed;
let client: ConnectedClient;
let token: string;
let device: Device;

beforeAll(async () => {
  bed = await TestBed.withPlant();
  client = await bed.client();
  token = await bed.worker.createAccessToken();
  device = await Device.enroll(bed.worker.url, await bed.worker.createJoinToken(), "odd");
});

afterAll(() => bed.close());

const expectOthersUnharmed = async () => {
  const { json } = await client.call("get_record", {
    instance: "gw/plant",
    record_name: "app.readonly",
  });
  expect(json.value).toEqual({ up: 7 });
};

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(bed.worker.mcpUrl, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body,
  });
  return { status: response.status, json: await response.json() };
}

const call = (name: string, args: unknown) =>
  JSON.stringify({
    jsonrpc: "2.0",
    id: 7,
    method: "tools/call",
    params: { name, arguments: args },
  });

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

describe("/mcp", () => {
  test.each([
    ["malformed JSON", "{", { status: 400, code: -32700, id: null }],
    ["an empty body", "", { status: 400, code: expect.any(Number), id: null }],
    ["too deep a value", call("set_record", nested(20)), { status: 400, code: -32600, id: 7 }],
    [
      "too large a body",
      call("set_record", "x".repeat(300_000)),
      { status: 413, code: -32000, id: null },
    ],
    ["an unknown tool", call("drop_everything", {}), { status: 200, code: -32602, id: 7 }],
    [
      "an unknown method",
      '{"jsonrpc":"2.0","id":"a","method":"no/such"}',
      { status: 200, code: -32601, id: "a" },
    ],
  ])("answers %s with a JSON-RPC error", async (_name, body, { status, code, id }) => {
    const answer = await post(body);

    expect(answer).toMatchObject({
      status,
      json: { jsonrpc: "2.0", id, error: { code, message: expect.any(String) } },
    });
    await expectOthersUnharmed();
  });

  test.each([
    ["no token", {}],
    ["a token of no form", { authorization: "Bearer wrong" }],
    [
      "a forged team",
      { authorization: `Bearer aimdb_pat_${"0".repeat(64)}_${"a".repeat(43)}00000000` },
    ],
  ])("answers %s with 401 and the request's id", async (_name, headers) => {
    const response = await fetch(bed.worker.mcpUrl, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: call("discover_instances", {}),
    });

    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(await response.json()).toMatchObject({ id: 7, error: { message: expect.any(String) } });
  });

  test.each([
    ["get_record", {}, "record_name"],
    ["get_record", { record_name: 5 }, "record_name: must be a string"],
    ["get_record", { record_name: "x".repeat(1_000) }, "at most 256 characters"],
    [
      "subscribe_record",
      { record_name: "a", duration_seconds: 0 },
      "duration_seconds: must be at least 1",
    ],
    [
      "subscribe_record",
      { record_name: "a", duration_seconds: "5" },
      "duration_seconds: must be a number",
    ],
    ["list_records", { cursor: "../" }, "cursor"],
    ["unsubscribe_record", {}, "subscription_id"],
  ])("answers %s with %j with a tool error that names the argument", async (tool, args, text) => {
    const { json, isError } = await client.call(tool, args);

    expect(isError).toBe(true);
    expect(json.error).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(text),
    });
  });

  test.each([
    [JSON.parse('{"__proto__": 1}'), "__proto__"],
    [{ a: { constructor: 1 } }, "constructor"],
    [{ text: "\u0007" }, "control characters"],
    [{ text: "\ud83d" }, "surrogate pair"],
    [2 ** 60, "beyond"],
  ])("refuses to write %j", async (value, text) => {
    const { json } = await client.call("set_record", {
      instance: "gw/plant",
      record_name: "app.settings",
      value,
    });

    expect(json.error).toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(text),
    });
  });
});

describe("the link", () => {
  async function dial(): Promise<LinkPeer> {
    const peer = await device.dial();
    if (!(peer instanceof LinkPeer)) throw new Error(`dial: ${peer.status}`);
    return peer;
  }

  test.each([
    [
      "a frame before hello",
      [{ t: "inventory", confirm_writes: "never", instances: [], skipped: [] }],
      4400,
    ],
    ["a second hello", [HELLO, HELLO], 4400],
    ["malformed JSON", ["{"], 4400],
    ["an unknown frame", [HELLO, { t: "take_over" }], 4400],
    ["a frame over 1 MiB", [HELLO, { t: "reply", id: "x".repeat(1_100_000) }], 4413],
    ["a version nobody speaks", [{ ...HELLO, versions: { min: 7, max: 9 } }], 4426],
  ])("closes on %s with a code that says what to do", async (_name, frames, code) => {
    const peer = await dial();

    for (const frame of frames) peer.send(frame);

    expect(await peer.closed()).toBe(code);
    await expectOthersUnharmed();
  });

  test("closes on a binary frame", async () => {
    const peer = await dial();

    peer.sendBytes(Buffer.from([1, 2, 3]));

    expect(await peer.closed()).toBe(4400);
  });

  test("closes when no hello came in five seconds", async () => {
    const peer = await dial();
    // workerd ends the connection under a socket that it closed only if something came over it.
    peer.send(HEARTBEAT_REQUEST);

    expect(await peer.closed()).toBe(4408);
  });

  test("gives the older of two links up for the newer", async () => {
    const older = await device.link();
    const newer = await device.link();

    expect(await older.closed()).toBe(4409);
    newer.close();
  });

  test("refuses a token a second time", async () => {
    const dialToken = await device.token();
    const first = await device.dial(dialToken);
    const second = await device.dial(dialToken);

    expect(first).toBeInstanceOf(LinkPeer);
    expect(second).toMatchObject({ status: 401 });
    if (first instanceof LinkPeer) first.close();
  });

  test("tells a device with a wrong clock the time, and nobody else", async () => {
    const anHourAgo = Math.floor(Date.now() / 1000) - 3_600;
    const late = await device.dial(await device.token(anHourAgo));
    const forged = await device.dial("eyJhbGciOiJub25lIn0.e30.");

    expect(late).toMatchObject({ status: 401, body: expect.stringContaining('"server_time_ms"') });
    expect(forged).toMatchObject({ status: 401, body: expect.not.stringContaining("server_time") });
  });

  test("takes no reply in another instance's name, nor one nobody asked for", async () => {
    const peer = await device.link();
    await untilStatus(client, "odd/plant", "up");
    const answer = client.call("get_record", { instance: "odd/plant", record_name: "a" });
    const request = await peer.nextFrame();

    peer.send({ t: "reply", id: "0".repeat(32), instance: "plant", ok: "stray" });
    peer.send({ t: "reply", id: request["id"], instance: "other", ok: "wrong instance" });
    peer.send({
      t: "reply",
      id: request["id"],
      instance: "plant",
      err: "no_value",
      message: "None.",
    });

    expect((await answer).json.error).toMatchObject({ code: "no_value", message: "None." });
    peer.close();
  });

  test("says of a write that the link broke under that its outcome is unknown", async () => {
    const peer = await device.link();
    await untilStatus(client, "odd/plant", "up");
    const answer = client.call("set_record", {
      instance: "odd/plant",
      record_name: "a",
      value: 1,
    });
    // It told no records, so it is asked for the key first.
    const { id, instance } = await peer.nextFrame();
    peer.send({ t: "reply", id, instance, ok: { outcome: "checked", record_key: "a" } });
    const { id: sent, method } = await peer.nextFrame();
    expect(method).toBe("record.set");

    peer.close();

    expect((await answer).json).toMatchObject({
      success: false,
      outcome: "unknown",
      error: { code: "link_lost" },
    });
    const again = await device.link();
    expect(await again.nextFrame()).toEqual({ t: "outcome", ids: [sent] });
    again.send({ t: "outcomes", writes: [{ id: sent, state: "never_seen" }] });
  });

  test("says of an answer in a form it does not know that the relay is at fault", async () => {
    const peer = await device.link();
    await untilStatus(client, "odd/plant", "up");
    const answer = client.call("get_record", { instance: "odd/plant", record_name: "a" });
    const request = await peer.nextFrame();

    peer.send({ t: "reply", id: request["id"], instance: "plant", ok: { value: 1 } });

    expect((await answer).json.error).toMatchObject({ code: "internal" });
    peer.close();
  });
});

describe("enrollment", () => {
  test("spends a join token once", async () => {
    const joinToken = await bed.worker.createJoinToken();
    await Device.enroll(bed.worker.url, joinToken, "once");

    await expect(Device.enroll(bed.worker.url, joinToken, "twice")).rejects.toThrow("not valid");
  });

  test("gives a free name where one is taken", async () => {
    const enroll = async () =>
      Device.enroll(bed.worker.url, await bed.worker.createJoinToken(), "once");

    await expect(enroll()).rejects.toThrow('"free_name":"once-2"');
  });

  test("holds a join token to its names", async () => {
    const joinToken = await bed.worker.createJoinToken({ name_pattern: "line-*" });

    await expect(Device.enroll(bed.worker.url, joinToken, "other")).rejects.toThrow("line-*");
    await expect(Device.enroll(bed.worker.url, joinToken, "line-1")).resolves.toBeInstanceOf(
      Device,
    );
  });
});
