import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import type { Subscription } from "#shared/desk/desk-rows.ts";
import { IDLE_END_MS } from "#shared/desk/subscription-desk.ts";
import { SqlDeskRows } from "../../../worker/relay/desk-rows.ts";
import { inRelayTables } from "../support/relay-tables.ts";

afterEach(() => reset());

const NOW_MS = 10_000_000;

function subscription(change: Partial<Subscription> = {}): Subscription {
  return {
    id: "s",
    principal: "p",
    instance: "plant",
    record: "sensor.temp",
    cursor: { epoch: "e.0", sequence: 4 },
    eventsLeft: null,
    endsAtMs: NOW_MS + 60_000,
    usedAtMs: NOW_MS,
    ended: false,
    ...change,
  };
}

test.each([{ eventsLeft: null }, { eventsLeft: 3, ended: true }])(
  "a subscription is read as it was written: %j",
  async (change) => {
    const written = subscription(change);

    const read = await inRelayTables((sql) => {
      new SqlDeskRows(sql).writeSubscription(
        subscription({ cursor: { epoch: "old", sequence: 0 } }),
      );
      new SqlDeskRows(sql).writeSubscription(written);
      return new SqlDeskRows(sql).readSubscription("s", "p");
    });

    expect(read).toEqual(written);
  },
);

test("a subscription is not there for another principal, as for another id", async () => {
  const read = await inRelayTables((sql) => {
    new SqlDeskRows(sql).writeSubscription(subscription());
    return [
      new SqlDeskRows(sql).readSubscription("s", "q"),
      new SqlDeskRows(sql).readSubscription("t", "p"),
    ];
  });

  expect(read).toEqual([undefined, undefined]);
});

test("countActive() counts the principal's own on the instance that go on", async () => {
  const counted = await inRelayTables((sql) => {
    const all: Subscription[] = [
      subscription({ id: "1" }),
      subscription({ id: "2" }),
      subscription({ id: "ended", ended: true }),
      subscription({ id: "over", endsAtMs: NOW_MS }),
      subscription({ id: "foreign", principal: "q" }),
      subscription({ id: "elsewhere", instance: "other" }),
    ];
    for (const each of all) new SqlDeskRows(sql).writeSubscription(each);
    return new SqlDeskRows(sql).countActive({ principal: "p", instance: "plant" }, NOW_MS);
  });

  expect(counted).toBe(2);
});

test("forgetSubscriptions() keeps what was used in the last ten minutes", async () => {
  const left = await inRelayTables((sql) => {
    new SqlDeskRows(sql).writeSubscription(
      subscription({ id: "kept", usedAtMs: NOW_MS - IDLE_END_MS }),
    );
    new SqlDeskRows(sql).writeSubscription(
      subscription({ id: "old", usedAtMs: NOW_MS - IDLE_END_MS - 1 }),
    );
    new SqlDeskRows(sql).forgetSubscriptions(NOW_MS - IDLE_END_MS);
    return ["kept", "old"].map((id) => new SqlDeskRows(sql).readSubscription(id, "p")?.id);
  });

  expect(left).toEqual(["kept", undefined]);
});
