import { expect, test } from "vitest";
import { LinkedClient } from "../support/worker-side/linked-client.ts";

test("LinkClient tells of a change after a moment, with what came meanwhile [I-1] [I-2]", async () => {
  const linked = new LinkedClient();
  const link = await linked.goLive();
  linked.clock.advance(10_000);
  link.says('{"t":"pong"}');

  for (let n = 0; n < 5; n += 1) linked.client.inventoryChanged();
  linked.clock.advance(249);
  expect(link.of("inventory")).toHaveLength(1);
  linked.clock.advance(1);

  expect(link.of("inventory")).toHaveLength(2);
  linked.clock.advance(5_000);
  expect(link.of("inventory")).toHaveLength(2);
});

test("LinkClient lets ten seconds pass between two inventories [I-2]", async () => {
  const linked = new LinkedClient();
  const link = await linked.goLive();

  linked.client.inventoryChanged();
  linked.clock.advance(9_999);
  expect(link.of("inventory")).toHaveLength(1);
  linked.clock.advance(1);
  linked.client.inventoryChanged();

  expect(link.of("inventory")).toHaveLength(2);
});

test("LinkClient tells no more than six inventories a minute, however restless its hosts", async () => {
  const linked = new LinkedClient();
  const link = await linked.goLive();
  for (let ms = 0; ms < 60_000; ms += 100) {
    linked.client.inventoryChanged();
    link.says('{"t":"pong"}');
    linked.clock.advance(100);
  }
  expect(link.of("inventory")).toHaveLength(7);
});

test("LinkClient tells nothing of a change while it has no link", async () => {
  const linked = new LinkedClient();
  linked.client.inventoryChanged();
  const link = await linked.goLive();
  link.closesWith(1006);
  linked.client.inventoryChanged();

  expect(linked.inventoryCount).toBe(1);
});

test("LinkClient does not tell again what it told with the greeting", async () => {
  const linked = new LinkedClient();
  const first = await linked.goLive();
  linked.clock.advance(5_000);
  linked.client.inventoryChanged();
  first.closesWith(1006);
  const second = await linked.comeBack();

  linked.clock.advance(5_000);

  expect(first.of("inventory")).toHaveLength(1);
  expect(second.of("inventory")).toHaveLength(1);
});

test("LinkClient tells of a change on the next link as soon as on the first", async () => {
  const linked = new LinkedClient();
  const first = await linked.goLive();
  linked.client.inventoryChanged();
  first.closesWith(1006);
  const second = await linked.comeBack();

  linked.clock.advance(2_000);
  linked.client.inventoryChanged();
  linked.clock.advance(8_000);

  expect(second.of("inventory")).toHaveLength(2);
});
