import { expect, test } from "vitest";
import { LinkedClient } from "../support/worker-side/linked-client.ts";
import { turns } from "../support/until.ts";

const ASKED = { why: "asked" };

test("LinkClient that is stopped closes its link and ends when that is answered", async () => {
  const linked = new LinkedClient();
  const link = await linked.goLive();

  linked.client.stop();
  link.says({ t: "drained" });
  await turns();
  expect(link.closes).toEqual([{ code: 1000, reason: "the relay stops" }]);
  expect(linked.end).toBeUndefined();
  link.closesWith(1000);

  expect(await linked.client.ended).toMatchObject(ASKED);
  expect(linked.clock.timerCount).toBe(0);
});

test("LinkClient that is stopped ends after three seconds where nobody answers", async () => {
  const linked = new LinkedClient();
  const link = await linked.goLive();

  linked.client.stop();
  linked.clock.advance(2_000);
  expect(link.closes).toHaveLength(1);
  expect(linked.end).toBeUndefined();
  linked.clock.advance(1_000);

  expect(await linked.client.ended).toMatchObject(ASKED);
  expect(link.isAbandoned).toBe(true);
});

test("LinkClient that is stopped before it began ends at once", async () => {
  const linked = new LinkedClient();
  linked.client.stop();
  expect(await linked.client.ended).toMatchObject(ASKED);
});

test("LinkClient that is stopped while it waits ends at once and dials no more", async () => {
  const linked = new LinkedClient();
  (await linked.goLive()).closesWith(1006);

  linked.client.stop();
  linked.clock.advance(600_000);
  await turns();

  expect(await linked.client.ended).toMatchObject(ASKED);
  expect(linked.worker.links).toHaveLength(1);
});

test("LinkClient that is stopped while it dials abandons the dial", async () => {
  const linked = new LinkedClient();
  linked.client.start();
  const link = await linked.dial(1);

  linked.client.stop();

  expect(await linked.client.ended).toMatchObject(ASKED);
  expect(link.isAbandoned).toBe(true);
});

test("LinkClient that is stopped while its token is made does not dial", async () => {
  let give: (token: string) => void = () => {};
  const token = new Promise<string>((resolve) => {
    give = resolve;
  });
  const linked = new LinkedClient({ createToken: () => token });
  linked.client.start();

  linked.client.stop();
  give("late");
  await turns();

  expect(linked.worker.links).toEqual([]);
  expect(linked.end).toMatchObject(ASKED);
});

test("LinkClient is stopped twice without harm", async () => {
  const linked = new LinkedClient();
  const link = await linked.goLive();
  linked.client.stop();
  linked.client.stop();
  link.says({ t: "drained" });
  link.closesWith(1000);
  expect(await linked.client.ended).toMatchObject(ASKED);
  expect(link.closes).toHaveLength(1);
});

test("LinkClient that is stopped before its welcome ends, and leaves no timer, where the welcome comes late", async () => {
  const linked = new LinkedClient();
  linked.client.start();
  const link = await linked.dial(1);
  link.opens();

  linked.client.stop();
  link.welcomes();
  link.closesWith(1000);

  expect(await linked.client.ended).toMatchObject(ASKED);
  expect(linked.clock.timerCount).toBe(0);
  expect(link.frames.map(({ t }) => t)).toEqual(["hello"]);
});
