/** Clients that close their connection while they wait. */
import { expect, test } from "vitest";
import { Caller } from "../../../../worker/mcp/caller/caller-gone.ts";

function begin(isRead: boolean, client = new AbortController()) {
  const told: string[] = [];
  let answer: () => void = () => {};
  const handling = new Promise<void>((resolve) => (answer = resolve));
  const held: Promise<unknown>[] = [];
  const calls = { leave: async () => void told.push("left") };
  const end = () => void told.push("ended");
  const timers: (() => void)[] = [];
  const platform = {
    hold: (promise: Promise<unknown>) => void held.push(promise),
    timer: (_ms: number, run: () => void) => {
      timers.push(run);
      return () => {};
    },
  };
  const caller = new Caller(client, platform);
  const listen = () => caller.listen({ calls, handling, isRead: () => isRead, end });
  return { told, held, timers, caller, handling, listen, goAway: () => client.abort(), answer };
}

test("a call that nobody listens for is held until it has its answer, even if its caller goes", async () => {
  const { told, held, caller, handling, goAway, answer } = begin(true);
  caller.hold(handling);
  goAway();

  expect(told).toEqual([]);
  expect(held).toHaveLength(1);
  answer();
  expect(await held[0]).toEqual([{ status: "fulfilled", value: undefined }]);
});

test("a held call's failure goes to its caller alone", async () => {
  const { held, caller } = begin(true);
  caller.hold(Promise.reject(new Error("no")));

  await expect(held[0]).resolves.toMatchObject([{ status: "rejected" }]);
});

test("a read frees its place when its caller goes, and is held until it has ended", async () => {
  const { told, held, listen, goAway, answer } = begin(true);
  listen();
  goAway();

  expect(told).toEqual(["ended", "left"]);
  expect(held).toHaveLength(1);
  answer();
  await held[0];
  expect(told).toContain("left");
});

test("a caller that went before is treated like one that goes", () => {
  const client = new AbortController();
  client.abort();
  const { told, held, listen } = begin(true, client);
  listen();

  expect(told).toEqual(["ended", "left"]);
  expect(held).toHaveLength(1);
});

test("it goes once, however often it is listened for", () => {
  const { told, listen, goAway } = begin(true);
  listen();
  listen();
  goAway();
  listen();

  expect(told).toEqual(["ended", "left"]);
});

test("a write keeps its place until it is done", async () => {
  const { told, held, listen, goAway, answer } = begin(false);
  listen();
  goAway();
  await Promise.resolve();

  expect(told).toEqual(["left"]);
  answer();
  await held[0];
  expect(told).toEqual(["left", "ended"]);
});

test("a write that outlasts the platform's hold frees its place before that", async () => {
  const { told, held, timers, listen, goAway } = begin(false);
  listen();
  goAway();
  timers[0]?.();
  await held[0];

  expect(told).toEqual(["left", "ended"]);
});

test("nothing happens while a caller waits", async () => {
  const { told, held, listen, answer } = begin(true);
  listen();
  answer();
  await Promise.resolve();

  expect([told, held]).toEqual([[], []]);
});

test("once a caller has its answer, its end is ignored, and nobody listens for it", () => {
  const { told, held, caller, listen, goAway } = begin(true);
  listen();
  caller.stop();
  goAway();
  listen();

  expect(told).toEqual([]);
  expect(held).toEqual([]);
});
