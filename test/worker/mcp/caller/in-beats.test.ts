import { expect, test, vi } from "vitest";
import { inBeats } from "../../../../worker/mcp/caller/in-beats.ts";

function begin() {
  const beats: (() => void)[] = [];
  let answer: (response: Response) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const answering = new Promise<Response>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  const timer = (_ms: number, run: () => void) => {
    beats.push(run);
    return () => {};
  };
  const beat = async () => {
    await vi.waitFor(() => expect(beats).toHaveLength(1));
    beats.shift()?.();
  };
  const explain = (error: unknown) => Response.json({ why: String(error) }, { status: 500 });
  const given = inBeats(answering, explain, timer);
  const end = (response: Response) => answer(response);
  return { beat, answer: end, fail: (error: Error) => fail(error), given };
}

test("an answer that comes soon is given as it is", async () => {
  const { answer, given } = begin();
  const response = Response.json({ a: 1 }, { status: 401 });
  answer(response);

  expect(await given).toBe(response);
});

test("one that is waited for is JSON after a line feed for each beat", async () => {
  const { beat, answer, given } = begin();
  await beat();
  const response = await given;
  const reader = response.body?.getReader();
  const first = await reader?.read();
  await beat();
  const second = await reader?.read();
  answer(Response.json({ a: 1 }));
  const last = await reader?.read();
  const end = await reader?.read();
  const text = [first, second, last].map((part) => new TextDecoder().decode(part?.value)).join("");

  expect(response.headers.get("content-type")).toBe("application/json");
  expect(text).toBe('\n\n{"a":1}');
  expect(JSON.parse(text)).toEqual({ a: 1 });
  expect(end?.done).toBe(true);
});

test("a failure is reported, at once or after a line feed", async () => {
  const soon = begin();
  soon.fail(new Error("lost"));
  const late = begin();
  await late.beat();
  const response = await late.given;
  late.fail(new Error("lost"));

  expect((await soon.given).status).toBe(500);
  expect(await response.text()).toBe('\n{"why":"Error: lost"}');
});

test("one whose reader is gone is dropped, and breaks nothing", async () => {
  const { beat, answer, given } = begin();
  await beat();
  const response = await given;
  await response.body?.cancel();
  answer(Response.json({ a: 1 }));

  expect(response.bodyUsed).toBe(true);
});
