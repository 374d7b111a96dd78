import { expect, test } from "vitest";
import { LateBodyError } from "../../../../worker/http/body/late-body-error.ts";
import { readMessage } from "../../../../worker/mcp/request/read-message.ts";

const LONG = 100 * 1024;

/** A body that was begun and goes on no more; `taken` is how many chunks of it were read. */
function begun(chunks: readonly number[], headers: Record<string, string> = {}) {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const bytes = chunks[taken];
        if (bytes === undefined) return new Promise<void>(() => {});
        taken += 1;
        return controller.enqueue(new Uint8Array(bytes));
      },
    },
    { highWaterMark: 0 },
  );
  const request = new Request("http://localhost/mcp", { method: "POST", headers, body });
  return { request, taken: () => taken };
}

const anybody = () => Promise.resolve(true);
const nobody = () => Promise.resolve(false);

function post(body: string): Request {
  return new Request("http://localhost/mcp", {
    method: "POST",
    headers: { "content-length": String(body.length) },
    body,
  });
}

const message = (bytes: number) => JSON.stringify({ id: 7, padding: "x".repeat(bytes) });

test("a short message is read for anybody, so that a refusal carries its id", async () => {
  expect(await readMessage(post(message(1_000)), nobody)).toMatchObject({ id: 7 });
});

test("a long one is read for a sender that may call", async () => {
  expect(await readMessage(post(message(LONG)), anybody)).toMatchObject({
    id: 7,
    body: { ok: true },
  });
});

test("nothing of a long one is read from a sender that may not", async () => {
  const { request, taken } = begun([1_000], { "content-length": String(LONG) });

  expect(await readMessage(request, nobody)).toMatchObject({ id: null, body: { ok: false } });
  expect(taken()).toBe(0);
});

test("one without a length is read from a sender that may not until it is long", async () => {
  const { request, taken } = begun(Array.from({ length: 100 }, () => 1_000));

  expect(await readMessage(request, nobody)).toMatchObject({ id: null, body: { ok: false } });
  expect(taken()).toBe(17);
});

test("one without a length that is long is read for a sender that may call", async () => {
  const text = new TextEncoder().encode(message(LONG));
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let at = 0; at < text.length; at += 5_000)
        controller.enqueue(text.slice(at, at + 5_000));
      controller.close();
    },
  });
  const request = new Request("http://localhost/mcp", { method: "POST", body });

  expect(await readMessage(request, anybody)).toMatchObject({ id: 7, body: { ok: true } });
});

test("a sender that may call and does not send it whole is not waited for", async () => {
  const { request } = begun([1_000], { "content-length": String(LONG) });

  expect(await readMessage(request, anybody, 1)).toMatchObject({
    id: null,
    body: { ok: false, error: { status: 408 } },
  });
});

test("one that is announced as too long is refused before anything is asked about its sender", async () => {
  const { request, taken } = begun([1_000], { "content-length": "300000" });
  let asked = 0;
  const read = await readMessage(request, () => {
    asked += 1;
    return anybody();
  });

  expect(read.body).toMatchObject({ ok: false, error: { status: 413 } });
  expect([asked, taken()]).toEqual([0, 0]);
});

test("of short ones that are begun and never finished, fifty are waited for longer than it takes to send one", async () => {
  const begin = () => readMessage(begun([10], { "content-length": "1000" }).request, nobody, 1);
  const first = Array.from({ length: 50 }, begin);

  expect(await begin()).toMatchObject({ id: null, body: { ok: false, error: { status: 408 } } });
  expect(await readMessage(post(message(1_000)), nobody, 5_000)).toMatchObject({ id: 7 });
  expect(await Promise.race([...first, Promise.resolve("none ended")])).toBe("none ended");
});

test.each([{}, { "content-length": "1000" }, { "content-length": String(LONG) }])(
  "a sender who went is no failure of the worker, with %j",
  async (headers) => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error("Network connection lost.")),
    });
    const request = new Request("http://localhost/mcp", { method: "POST", headers, body });

    await expect(readMessage(request, anybody, 5_000)).rejects.toThrow(LateBodyError);
  },
);
