import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { postJson } from "../../../relay/net/post-json.ts";

const NET = { caFile: undefined };

interface Heard {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingMessage["headers"];
  body: unknown;
}

/** A server that keeps what it hears and answers as told. */
async function serve(answer: (response: ServerResponse) => void) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method, url: path, headers } = request;
      heard.push({ method, path, headers, body: JSON.parse(body) });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}/relay/enroll`), heard };
}

function post(url: URL) {
  const headers = { authorization: "Bearer aimdb_join_x" };
  return postJson({ url, headers, body: { name: "gateway" } }, NET);
}

test("postJson sends JSON, and the token in its header only", async () => {
  const { url, heard } = await serve((response) => response.end("{}"));

  await post(url);

  expect(heard).toMatchObject([
    {
      method: "POST",
      path: "/relay/enroll",
      headers: { authorization: "Bearer aimdb_join_x", "content-type": "application/json" },
      body: { name: "gateway" },
    },
  ]);
});

test.each([200, 201, 302, 401, 409, 500])(
  "postJson gives the answer %d as it is",
  async (status) => {
    const { url, heard } = await serve((response) => {
      response.writeHead(status, { location: "http://127.0.0.1:1/" });
      response.end('{"a":[1]}');
    });

    expect(await post(url)).toEqual({ ok: true, value: { status, body: { a: [1] } } });
    expect(heard).toHaveLength(1);
  },
);

test("postJson gives no body where the answer is no JSON", async () => {
  const { url } = await serve((response) => response.end("<html>"));
  expect(await post(url)).toEqual({ ok: true, value: { status: 200, body: undefined } });
});

test("postJson reads an answer that comes in pieces", async () => {
  const { url } = await serve((response) => {
    for (const byte of Buffer.from('{"a":"é"}')) response.write(Buffer.from([byte]));
    response.end();
  });
  expect(await post(url)).toEqual({ ok: true, value: { status: 200, body: { a: "é" } } });
});

test("postJson gives up on an answer that is too long", async () => {
  const { url } = await serve((response) => response.end(`"${"x".repeat(100_000)}"`));
  expect(await post(url)).toEqual({
    ok: false,
    error: `${url.origin} broke off its answer: Error: it is too long`,
  });
});

test("postJson tells of an answer that breaks off", async () => {
  const { url } = await serve((response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => response.destroy());
  });
  expect(await post(url)).toMatchObject({
    ok: false,
    error: expect.stringContaining("broke off its answer"),
  });
});

test("postJson names a server that can't be reached, and no secret", async () => {
  const result = await post(new URL("http://127.0.0.1:1/relay/enroll"));
  expect(result).toEqual({
    ok: false,
    error: "Cannot reach http://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1",
  });
});
