import { describe, expect, test } from "vitest";
import {
  completeRefusal,
  requestIdOf,
  rpcErrorResponse,
} from "../../../../worker/mcp/request/json-rpc-error.ts";

test.each([
  { body: { id: 1 }, id: 1 },
  { body: { id: 0 }, id: 0 },
  { body: { id: "a" }, id: "a" },
  { body: { id: "" }, id: "" },
  { body: { id: null }, id: null },
  { body: { id: { a: 1 } }, id: null },
  { body: {}, id: null },
  { body: [{ id: 1 }], id: null },
  { body: "text", id: null },
  { body: undefined, id: null },
])("requestIdOf($body) is $id", ({ body, id }) => {
  expect(requestIdOf(body)).toBe(id);
});

test("rpcErrorResponse() has a JSON-RPC error body, the status and the headers", async () => {
  const refusal = { status: 405, code: -32_000, message: "No.", headers: { allow: "POST" } };
  const response = rpcErrorResponse(refusal, 7);

  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({
    jsonrpc: "2.0",
    id: 7,
    error: { code: -32_000, message: "No." },
  });
});

describe("completeRefusal()", () => {
  test("leaves an answer as it is", async () => {
    const answer = new Response("event: message\n\n", { status: 200 });

    expect(await completeRefusal(answer, 7)).toBe(answer);
  });

  test("adds the request's id and keeps code, data, status and headers", async () => {
    const error = { code: -32_022, message: "No.", data: { supported: ["2026-07-28"] } };
    const refusal = Response.json(
      { jsonrpc: "2.0", id: null, error },
      { status: 400, headers: { "x-more": "1" } },
    );

    const response = await completeRefusal(refusal, 7);

    expect([response.status, response.headers.get("x-more")]).toEqual([400, "1"]);
    expect(await response.json()).toEqual({ jsonrpc: "2.0", id: 7, error });
  });

  test("does not replace an id", async () => {
    const refusal = Response.json({ jsonrpc: "2.0", id: 3, error: {} }, { status: 400 });

    expect(await (await completeRefusal(refusal, 7)).json()).toMatchObject({ id: 3 });
  });

  test.each([
    { body: null, message: "Refused." },
    { body: "Method not allowed.", message: "Method not allowed." },
    { body: '{"message":"no"}', message: '{"message":"no"}' },
    { body: "<html>".repeat(100), message: "<html>".repeat(100).slice(0, 200) },
  ])("makes a body of $body", async ({ body, message }) => {
    const response = await completeRefusal(new Response(body, { status: 406 }), "a");

    expect(response.status).toBe(406);
    expect(await response.json()).toEqual({
      jsonrpc: "2.0",
      id: "a",
      error: { code: -32_000, message },
    });
  });
});
