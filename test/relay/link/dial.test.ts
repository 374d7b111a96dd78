import { writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { HEARTBEAT_REQUEST } from "#shared/link/heartbeat.ts";
import { dialWith } from "../../../relay/link/dial.ts";
import type { DialFailure } from "../../../relay/link/next-step.ts";
import { CERTIFICATE } from "../support/worker-side/certificate.ts";
import { startProxy } from "../support/worker-side/connect-proxy.ts";
import { hideProxy } from "../support/worker-side/hide-proxy.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { startLinkServer } from "../support/worker-side/link-server.ts";
import { turns, until } from "../support/until.ts";

beforeEach(hideProxy);

function dial(url: URL, caFile?: string) {
  const seen = {
    opens: 0,
    texts: [] as string[],
    closes: [] as number[],
    failures: [] as DialFailure[],
  };
  const socket = dialWith({ caFile })(url, "a-token", {
    onOpen: () => {
      seen.opens += 1;
    },
    onFailed: (failure) => seen.failures.push(failure),
    onText: (text) => seen.texts.push(text),
    onClose: (code) => seen.closes.push(code),
  });
  onTestFinished(() => socket.abandon());
  return { socket, seen };
}

async function open(options: Parameters<typeof startLinkServer>[0] = {}) {
  const server = await startLinkServer(options);
  const dialed = dial(server.url);
  await until("the link", () => dialed.seen.opens === 1 && server.sockets.length === 1);
  const [peer] = server.sockets;
  if (peer === undefined) throw new Error("No link");
  return { server, peer, ...dialed };
}

async function failureOf(url: URL, caFile?: string) {
  const { seen } = dial(url, caFile);
  await until("the failure", () => seen.failures.length > 0);
  await turns();
  expect(seen).toMatchObject({ opens: 0, closes: [], failures: [{}] });
  return seen.failures[0];
}

async function failureBy(refuse: (response: ServerResponse) => void) {
  const { url } = await startLinkServer({ refuse });
  return failureOf(url);
}

describe("dialWith offers", () => {
  test("the subprotocol, and the token in its header only [T-1]", async () => {
    const { server } = await open();
    const [request] = server.requests;
    expect(request?.headers).toMatchObject({
      "sec-websocket-protocol": "aimdb-relay.v1",
      authorization: "Bearer a-token",
    });
    expect(request?.url).toBe("/relay");
  });

  test("no compression, and takes none [T-6]", async () => {
    const { server, peer } = await open({ perMessageDeflate: true });
    expect(server.requests[0]?.headers["sec-websocket-extensions"]).toBeUndefined();
    expect(peer.extensions).toBe("");
  });
});

describe("dialWith carries", () => {
  test("texts both ways, in order", async () => {
    const { socket, seen, peer } = await open();
    const heard: string[] = [];
    peer.on("message", (data: Buffer) => heard.push(data.toString()));

    for (const text of ["1", "é", "3"]) socket.send(text);
    for (const text of ["a", "ü", "c"]) peer.send(text);
    await until("all", () => heard.length === 3 && seen.texts.length === 3);

    expect(heard).toEqual(["1", "é", "3"]);
    expect(seen.texts).toEqual(["a", "ü", "c"]);
  });

  test("replies of one turn as one message, a heartbeat behind them as its own [T-7] [T-10]", async () => {
    const { socket, peer } = await open();
    const heard: string[] = [];
    peer.on("message", (data: Buffer) => heard.push(data.toString()));

    for (const text of ["a", "b"]) socket.sendSoon(text);
    socket.send(HEARTBEAT_REQUEST);
    socket.sendSoon("c");
    await until("all", () => heard.length === 3);

    expect(heard).toEqual(["a\nb", HEARTBEAT_REQUEST, "c"]);
  });

  test("what waits for the turn's end before a close", async () => {
    const { socket, peer } = await open();
    const heard: string[] = [];
    peer.on("message", (data: Buffer) => heard.push(data.toString()));
    peer.on("close", () => heard.push("closed"));

    socket.sendSoon("a");
    socket.close(1000, "done");
    await until("the close", () => heard.length === 2);

    expect(heard).toEqual(["a", "closed"]);
  });

  test("a binary message as a text that is no frame [T-8]", async () => {
    const { seen, peer } = await open();
    peer.send(Buffer.from('{"t":"cancel"}'));
    await until("the message", () => seen.texts.length === 1);
    expect(seen.texts).toEqual([""]);
  });

  test.each([1000, 1001, 4409, 4410])("the close code %d", async (code) => {
    const { seen, peer } = await open();
    peer.close(code, "because");
    await until("the close", () => seen.closes.length > 0);
    await turns();
    expect(seen).toMatchObject({ closes: [code], failures: [] });
  });

  test("its own close code", async () => {
    const { socket, seen, peer } = await open();
    const codes: number[] = [];
    peer.on("close", (code) => codes.push(code));
    socket.close(4400, "malformed");
    await until("the close", () => seen.closes.length > 0 && codes.length > 0);
    expect(codes).toEqual([4400]);
  });

  test("the end of a link that breaks as 1006", async () => {
    const { seen, peer } = await open();
    peer.terminate();
    await until("the close", () => seen.closes.length > 0);
    expect(seen.closes).toEqual([1006]);
  });

  test("no more than a worker reads: one that reads nothing loses the link", async () => {
    const { peer, socket, seen } = await open();
    peer.pause();
    const mebibyte = "x".repeat(1024 * 1024);
    await until("the end of the link", () => {
      socket.send(mebibyte);
      return seen.closes.length > 0;
    });

    expect(seen.closes).toEqual([1006]);
  });

  test("no frame over a mebibyte: it ends the link [F-6]", async () => {
    const { seen, peer } = await open();
    const codes: number[] = [];
    peer.on("close", (code) => codes.push(code));
    peer.send("x".repeat(1024 * 1024 + 1));
    await until("the close", () => seen.closes.length > 0 && codes.length > 0);
    expect(seen.texts).toEqual([]);
    expect(codes).toEqual([1009]);
  });
});

describe("dialWith that is told to abandon the link", () => {
  test("ends it without a word, and calls nobody", async () => {
    const { socket, seen, peer } = await open();
    const codes: number[] = [];
    peer.on("close", (code) => codes.push(code));

    socket.abandon();
    await until("the end", () => codes.length > 0);
    await turns();

    expect(codes).toEqual([1006]);
    expect(seen).toMatchObject({ closes: [], failures: [] });
  });

  test.each(["abandon", "close"] as const)("(%s) ends the dial, too", async (way) => {
    const { url, requests } = await startLinkServer({ refuse: () => {} });
    const { socket, seen } = dial(url);
    await until("the request", () => requests.length === 1);
    const ended = new Promise<void>((resolve) => {
      requests[0]?.socket.once("close", () => resolve());
    });

    if (way === "abandon") socket.abandon();
    else socket.close(1000, "the relay stops");
    await ended;

    expect(seen).toMatchObject({ opens: 0, closes: [] });
    expect(seen.failures).toHaveLength(way === "abandon" ? 0 : 1);
  });
});

describe("dialWith tells of a refusal", () => {
  test.each([200, 302, 401, 403, 410, 426, 500, 503])("its status %d", async (status) => {
    const failure = await failureBy((response) => {
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end("{}");
    });
    expect(failure).toEqual({
      type: "status",
      status,
      refusal: undefined,
      retryAfterMs: undefined,
      serverTimeMs: undefined,
    });
  });

  test.each([
    ["17", 17_000],
    ["Fri, 20 Nov 2026 12:01:00 GMT", 60_000],
    ["999999999", undefined],
  ])("its Retry-After %j [W-4]", async (header, retryAfterMs) => {
    const failure = await failureBy((response) => {
      const date = "Fri, 20 Nov 2026 12:00:00 GMT";
      response.writeHead(503, { "retry-after": header, date }).end();
    });
    expect(failure).toMatchObject({ status: 503, retryAfterMs });
  });

  test.each([
    ["clock", 1_795_000_000_000, 1_795_000_000_000],
    ["unauthorized", 1_795_000_000_000, undefined],
    ["clock", undefined, undefined],
  ])("the worker's time with %s, %s", async (code, server_time_ms, serverTimeMs) => {
    const failure = await failureBy((response) => {
      response.writeHead(401).end(JSON.stringify({ error: { code, message: "", server_time_ms } }));
    });
    expect(failure).toMatchObject({ status: 401, refusal: code, serverTimeMs });
  });

  test.each([
    "",
    "<html>",
    "{",
    '{"error":"unauthorized"}',
    '{"error":{"code":"clock","message":"","server_time_ms":"soon"}}',
    "x".repeat(100_000),
  ])("whose body says nothing (%#)", async (body) => {
    const failure = await failureBy((response) => {
      response.writeHead(401).end(body);
    });
    expect(failure).toMatchObject({ status: 401, refusal: undefined, serverTimeMs: undefined });
  });

  test("whose body breaks off", async () => {
    const failure = await failureBy((response) => {
      response.writeHead(503, { "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    expect(failure).toMatchObject({ type: "status", status: 503 });
  });
});

test.each([301, 302, 303, 307, 308])("dialWith follows no redirect by %d [T-5]", async (status) => {
  const target = await startLinkServer();
  const failure = await failureBy((response) => {
    response.writeHead(status, { location: target.url.href }).end();
  });
  expect(failure).toMatchObject({ type: "status", status });
  expect(target.requests).toEqual([]);
});

test("dialWith leaves no connection to a proxy that never answers", async () => {
  const proxy = await startProxy("unanswered");
  vi.stubEnv("HTTPS_PROXY", proxy.url);
  const { socket, seen } = dial(new URL("wss://worker.test/relay"));
  await until("the proxy is asked", () => proxy.tunnels.length === 1);

  socket.abandon();

  await until("the connection ends", () => proxy.open.size === 0);
  expect(seen).toEqual({ opens: 0, texts: [], closes: [], failures: [] });
});

describe("dialWith fails", () => {
  test("where nobody listens", async () => {
    expect(await failureOf(new URL("ws://127.0.0.1:1/relay"))).toEqual({
      type: "unreachable",
      reason: "connect ECONNREFUSED 127.0.0.1:1",
    });
  });

  test.each([undefined, "other.v1"])(
    "where the answer names the subprotocol %s [T-3]",
    async (name) => {
      const { url } = await startLinkServer({ subprotocol: name });
      expect(await failureOf(url)).toMatchObject({
        type: "unreachable",
        reason: expect.stringContaining("subprotocol"),
      });
    },
  );

  test("where the worker's certificate is not trusted", async () => {
    const { url } = await startLinkServer({ isSecure: true });
    expect(await failureOf(url)).toMatchObject({
      type: "unreachable",
      reason: expect.stringContaining("self-signed"),
    });
  });

  test("where the proxy refuses, and tells it no token", async () => {
    const proxy = await startProxy("refused");
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    const failure = await failureOf(new URL("wss://worker.test/relay"));
    expect(failure).toEqual({ type: "unreachable", reason: "the proxy answered 403" });
    expect(JSON.stringify(proxy.tunnels)).not.toContain("a-token");
  });
});

test.each([false, true])(
  "dialWith trusts the operator's certificate (proxy: %s)",
  async (isProxied) => {
    const caFile = join(await freshFolder(), "ca.pem");
    await writeFile(caFile, CERTIFICATE);
    const server = await startLinkServer({ isSecure: true });
    if (isProxied) vi.stubEnv("HTTPS_PROXY", (await startProxy(server.port)).url);
    const url = isProxied ? new URL("wss://worker.test/relay") : server.url;

    const { seen } = dial(url, caFile);
    await until("the link", () => seen.opens + seen.failures.length > 0);

    expect(seen.failures).toEqual([]);
    expect(server.requests[0]?.headers.authorization).toBe("Bearer a-token");
  },
);
