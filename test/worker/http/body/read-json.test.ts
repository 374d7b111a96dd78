import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { readJson } from "../../../../worker/http/body/read-json.ts";

const schema = z.strictObject({
  name: z._default(z.string().check(z.maxLength(5)), "plant"),
  any: z.optional(z.unknown()),
});

function read(body: string, limitBytes = 10_000) {
  return readJson(new Request("http://localhost/", { method: "POST", body }), schema, limitBytes);
}

function nested(levels: number): string {
  return `{"any":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
}

function keys(count: number): string {
  return JSON.stringify({
    any: Object.fromEntries(Array.from({ length: count }, (_, i) => [i, 0])),
  });
}

function items(count: number): string {
  return JSON.stringify({ any: Array.from({ length: count }, () => 0) });
}

describe("readJson()", () => {
  test.each(["", "  \n", "{}"])("takes %j for all defaults", async (body) => {
    expect(await read(body)).toEqual({ ok: true, value: { name: "plant" } });
  });

  test.each([
    { name: "10 levels", body: nested(10) },
    { name: "100 keys", body: keys(100) },
    { name: "1000 items", body: items(1_000) },
    { name: "brackets in a text", body: JSON.stringify({ any: "[".repeat(50) }) },
  ])("takes $name", async ({ body }) => {
    expect(await read(body)).toMatchObject({ ok: true });
  });

  test.each([
    { name: "11 levels", body: nested(11), message: "nested deeper than 10 levels" },
    { name: "101 keys", body: keys(101), message: "more than 100 keys" },
    { name: "1001 items", body: items(1_001), message: "more than 1000 items" },
    { name: "text that is no JSON", body: "{", message: "The body is not JSON." },
    { name: "an unknown key", body: '{"nmae":1}', message: "nmae: unknown key" },
    { name: "a wrong type", body: '{"name":1}', message: "name: must be a string" },
    { name: "a value out of bounds", body: '{"name":"123456"}', message: "at most 5" },
    { name: "another kind of JSON", body: "[]", message: "must be an object" },
  ])("refuses $name with 400 and says what is wrong", async ({ body, message }) => {
    expect(await read(body)).toEqual({
      ok: false,
      error: { status: 400, code: "invalid_input", message: expect.stringContaining(message) },
    });
  });

  test("refuses what is too long with 413 and the limit", async () => {
    expect(await read('{"name":"plant"}', 10)).toEqual({
      ok: false,
      error: { status: 413, code: "too_large", message: expect.stringContaining("10 bytes") },
    });
  });

  test("does not repeat the input", async () => {
    const result = await read('{"name":["s3cret"]}');

    expect(JSON.stringify(result)).not.toContain("s3cret");
  });
});
