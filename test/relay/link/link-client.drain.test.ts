/** How a relay leaves: no call that it was given is lost, and none is waited for without end. */
import { describe, expect, test } from "vitest";
import { HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import { LinkedClient, sendsOnlyFrames } from "../support/worker-side/linked-client.ts";
import { requestOf } from "../support/worker-side/link-request.ts";
import { turns, until } from "../support/until.ts";

const OTHER_ID = "f".repeat(32);

async function drainingWithACall() {
  const linked = new LinkedClient();
  const link = await linked.goLive();
  link.says(requestOf());
  await until("the call", () => linked.instance.heldCount === 1);
  linked.client.stop();
  return { linked, link };
}

describe("LinkClient that is stopped while a call is under way", () => {
  test("says first that it leaves [L-1]", async () => {
    const { linked, link } = await drainingWithACall();
    expect(link.frames.at(-1)).toEqual({ t: "drain" });
    expect(linked.client.status()).toMatchObject({ state: "draining", calls_under_way: 1 });
    expect(sendsOnlyFrames(link)).toBe(true);
  });

  test("answers it and closes only then [L-4]", async () => {
    const { linked, link } = await drainingWithACall();
    link.says({ t: "drained" });
    linked.clock.advance(1_000);
    expect(link.closes).toEqual([]);

    linked.instance.release();
    await until("the close", () => link.closes.length === 1);

    expect(link.of("reply")).toMatchObject([{ ok: { record_key: "a" } }]);
    expect(link.closes).toEqual([{ code: 1000, reason: "the relay stops" }]);
    link.closesWith(1000);
    expect(await linked.client.ended).toMatchObject({ why: "asked" });
  });

  test("answers calls that crossed its drain, too [L-1]", async () => {
    const { linked, link } = await drainingWithACall();
    link.says(requestOf({ id: OTHER_ID }));
    link.says({ t: "drained" });
    await until("both calls", () => linked.instance.heldCount === 2);

    linked.instance.release();
    await until("the close", () => link.closes.length === 1);

    expect(link.of("reply")).toHaveLength(2);
  });

  test("does not close before the worker said that no call follows [L-4]", async () => {
    const { linked, link } = await drainingWithACall();
    linked.instance.release();
    await until("the reply", () => link.of("reply").length === 1);
    await turns();
    expect(link.closes).toEqual([]);

    link.says({ t: "drained" });

    expect(link.closes).toHaveLength(1);
  });

  test("takes the worker's silence for its word after two seconds [L-6]", async () => {
    const { linked, link } = await drainingWithACall();
    linked.instance.release();
    await until("the reply", () => link.of("reply").length === 1);

    linked.clock.advance(1_999);
    expect(link.closes).toEqual([]);
    linked.clock.advance(1);

    expect(link.closes).toHaveLength(1);
  });

  test("goes on with its heartbeats [L-1]", async () => {
    const { linked, link } = await drainingWithACall();
    link.says({ t: "drained" });
    linked.clock.advance(10_000);
    link.says(HEARTBEAT_RESPONSE);
    expect(link.heartbeatCount).toBe(1);
    expect(link.closes).toEqual([]);
  });

  test("does not wait longer than a call may take [L-6]", async () => {
    const link = await drainingWithACall().then(({ linked, link }) => {
      link.says({ t: "drained" });
      for (let n = 0; n < 3; n += 1) {
        linked.clock.advance(9_999);
        link.says(HEARTBEAT_RESPONSE);
      }
      expect(link.closes).toEqual([]);
      linked.clock.advance(10);
      return link;
    });
    expect(link.closes).toHaveLength(1);
  });

  test("ends where the link breaks meanwhile, and dials no more", async () => {
    const { linked, link } = await drainingWithACall();
    link.closesWith(1006);
    linked.clock.advance(60_000);
    expect(await linked.client.ended).toMatchObject({ why: "asked" });
    expect(linked.worker.links).toHaveLength(1);
  });
});

describe("LinkClient that is asked to dial", () => {
  test("waits no longer, and counts its failures on [W-5]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    for (let n = 1; n <= 9; n += 1) {
      (await linked.dial(n)).fails({ type: "unreachable", reason: "no route" });
      linked.clock.advance(n === 9 ? 0 : (linked.clock.nextInMs ?? 0));
    }
    expect(linked.clock.nextInMs).toBe(15_000);

    linked.client.dialNow();

    (await linked.dial(10)).fails({ type: "unreachable", reason: "no route" });
    expect(linked.clock.nextInMs).toBe(15_000);
    expect(linked.client.status()).toMatchObject({ state: "waiting", failures: 10 });
  });

  test("asks a live link at once whether it lives, and gives it up in ten seconds [W-6]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    linked.clock.advance(1_000);

    linked.client.dialNow();
    expect(link.heartbeatCount).toBe(1);
    linked.clock.advance(10_000);

    expect(link.isAbandoned).toBe(true);
  });

  test.each(["dialing", "greeting"])(
    "gives up a link that is %s, and dials at once [W-5]",
    async (state) => {
      const linked = new LinkedClient();
      linked.client.start();
      const first = await linked.dial(1);
      if (state === "greeting") first.opens();
      expect(linked.client.status().state).toBe(state);

      linked.client.dialNow();
      const second = await linked.dial(2);
      first.welcomes();
      second.opens();
      second.welcomes();

      expect(first.isAbandoned).toBe(true);
      expect(second.of("hello")).toHaveLength(1);
      expect(linked.client.status().state).toBe("live");
    },
  );

  test("dials once, however often it is asked", async () => {
    const linked = new LinkedClient();
    (await linked.goLive()).closesWith(1006);
    for (let n = 0; n < 5; n += 1) linked.client.dialNow();
    await linked.dial(2);
    await turns();
    expect(linked.worker.links).toHaveLength(2);
  });
});
