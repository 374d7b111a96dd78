import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { readForm } from "../../../../worker/http/body/read-form.ts";

const schema = z.object({ name: z.string(), scope: z.optional(z.array(z.string())) });

function post(body: string, type = "application/x-www-form-urlencoded"): Request {
  return new Request("http://localhost", {
    method: "POST",
    headers: { "content-type": type },
    body,
  });
}

describe("readForm()", () => {
  test("gives the fields, those that come twice as a list", async () => {
    expect(await readForm(post("name=a+b&scope=x&scope=y&more=1"), schema, 100)).toEqual({
      ok: true,
      value: { name: "a b", scope: ["x", "y"] },
    });
  });

  test.each([
    { why: "another media type", request: post("name=a", "text/plain") },
    { why: "JSON", request: post('{"name":"a"}', "application/json") },
    { why: "a missing field", request: post("other=a") },
    { why: "a field twice that may come once", request: post("name=a&name=b") },
    { why: "too many bytes", request: post(`name=${"a".repeat(100)}`) },
  ])("refuses $why", async ({ request }) => {
    expect(await readForm(request, schema, 100)).toEqual({ ok: false, error: "unreadable" });
  });

  test("is not fooled by a field named like an object's own", async () => {
    const read = await readForm(post("__proto__=x&constructor=y&name=a"), schema, 100);

    expect(read).toEqual({ ok: true, value: { name: "a" } });
  });
});
