import { expect, test } from "vitest";
import { LinkedClient } from "../support/worker-side/linked-client.ts";
import { turns, until } from "../support/until.ts";

const VALUE = "c".repeat(43);
const WELCOME = {
  t: "welcome",
  version: 1,
  session: "s1",
  heartbeat_interval_ms: 10_000,
} as const;

test("LinkClient gives away each welcome's continuity value to be stored [D-19]", async () => {
  const linked = new LinkedClient();
  linked.client.start();
  const link = await linked.dial(1);
  link.opens();

  link.says({ ...WELCOME, continuity: VALUE });

  expect(linked.kept).toEqual([VALUE]);
  expect(linked.client.status().state).toBe("live");
  expect(JSON.stringify([link.sent, linked.log.entries])).not.toContain(VALUE);
});

test("LinkClient is welcome where an older worker gives none", async () => {
  const linked = new LinkedClient();

  await linked.goLive();

  expect([linked.kept, linked.client.status().state]).toEqual([[], "live"]);
});

/** Tokens that are made when the test says so, as where the disk stalls. */
function withHeldTokens() {
  const held: { resolve: (token: string) => void; reject: (error: Error) => void }[] = [];
  const createToken = () =>
    new Promise<string>((resolve, reject) => {
      held.push({ resolve, reject });
    });
  return { linked: new LinkedClient({ createToken }), held };
}

test("LinkClient does not dial with a token that came after its time [D-19]", async () => {
  const { linked, held } = withHeldTokens();
  linked.client.start();
  linked.clock.advance(15_000);
  expect(linked.client.status()).toMatchObject({ state: "waiting" });
  linked.clock.advance(linked.clock.nextInMs ?? 0);
  await until("the second token", () => held.length === 2);

  held[0]?.resolve("late");
  await turns();
  expect(linked.worker.links).toEqual([]);
  held[1]?.resolve("in time");

  expect((await linked.dial(1)).token).toBe("in time");
  expect(linked.worker.links).toHaveLength(1);
});

test("LinkClient does not take an abandoned dial's failure for the next one's", async () => {
  const { linked, held } = withHeldTokens();
  linked.client.start();
  linked.clock.advance(15_000);
  linked.clock.advance(linked.clock.nextInMs ?? 0);
  await until("the second token", () => held.length === 2);

  held[0]?.reject(new Error("EIO"));
  await turns();

  expect(linked.client.status().state).toBe("dialing");
});
