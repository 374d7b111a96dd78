import { describe, expect, test } from "vitest";
import { LateBodyError } from "../../../../worker/http/body/late-body-error.ts";
import { readBody } from "../../../../worker/http/body/read-body.ts";

const TOO_LARGE = { ok: false, error: "too_large" };

function post(body: BodyInit, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", { method: "POST", headers, body });
}

/** A body in pieces, and whether its reader asked for all of them. */
function chunked(chunks: readonly string[]): { body: ReadableStream; taken: () => number } {
  let taken = 0;
  const body = new ReadableStream({
    pull: (controller) => {
      const chunk = chunks[taken];
      if (chunk === undefined) return controller.close();
      taken += 1;
      controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
  return { body, taken: () => taken };
}

describe("readBody()", () => {
  test("is empty for a request without a body", async () => {
    expect(await readBody(new Request("http://localhost/"), 0)).toEqual({ ok: true, value: "" });
  });

  test.each([
    { text: "1234", ok: true },
    { text: "12345", ok: false },
    { text: "üü", ok: true },
    { text: "üüü", ok: false },
  ])("counts the bytes of $text against a limit of 4", async ({ text, ok }) => {
    expect(await readBody(post(text), 4)).toEqual(ok ? { ok, value: text } : TOO_LARGE);
  });

  test("joins pieces, even if they cut a character in two", async () => {
    const euro = new TextEncoder().encode("€");
    const body = new ReadableStream({
      start: (controller) => {
        for (const byte of euro) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });

    expect(await readBody(post(body), 3)).toEqual({ ok: true, value: "€" });
  });

  test("stops reading once the limit is passed", async () => {
    const { body, taken } = chunked(Array.from({ length: 100 }, () => "x".repeat(10)));

    expect(await readBody(post(body), 25)).toEqual(TOO_LARGE);
    expect(taken()).toBeLessThan(10);
  });

  test("believes an announced length over the limit without reading", async () => {
    const { body, taken } = chunked(["1", "2", "3"]);

    expect(await readBody(post(body, { "content-length": "1000" }), 25)).toEqual(TOO_LARGE);
    expect(taken()).toBeLessThanOrEqual(1);
  });

  test.each(["1", "-1", "abc", ""])("does not believe a length of %j", async (length) => {
    const { body } = chunked(["x".repeat(20), "x".repeat(20)]);

    expect(await readBody(post(body, { "content-length": length }), 25)).toEqual(TOO_LARGE);
  });

  test("does not wait for what is begun and never finished", async () => {
    const body = new ReadableStream({ pull: () => new Promise<void>(() => {}) });

    await expect(readBody(post(body), 4, 1)).rejects.toThrow(LateBodyError);
  });

  test("takes a sender who went for one who is late, and for no failure of the worker", async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error("Network connection lost.")),
    });

    await expect(readBody(post(body), 4)).rejects.toThrow(LateBodyError);
  });
});
