/** What the relay's side of the link promises, over real sockets; only time is moved by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import { dialWith } from "../../../relay/link/dial.ts";
import {
  HEALTHY_AFTER_MS,
  initialLink,
  nextTickMs,
  step,
  type LinkEvent,
  type LinkState,
} from "../../../relay/link/link-state.ts";
import { LinkedClient } from "../support/worker-side/linked-client.ts";
import { startLinkServer, type LinkServer } from "../support/worker-side/link-server.ts";
import { noDelayOf } from "../support/worker-side/tcp-nodelay.ts";
import { until } from "../support/until.ts";

const WELCOME = '{"t":"welcome","version":1,"session":"s1","heartbeat_interval_ms":10000}';
const UNREACHABLE: LinkEvent = {
  type: "dial_failed",
  failure: { type: "unreachable", reason: "no route" },
};
const TICK: LinkEvent = { type: "tick" };

async function liveOn(server: LinkServer): Promise<LinkedClient> {
  const linked = new LinkedClient({ url: server.url, dial: dialWith({ caFile: undefined }) });
  linked.client.start();
  await until("the dial", () => server.sockets.length === 1);
  server.sockets[0]?.send(WELCOME);
  await until("the link", () => linked.client.status().state === "live");
  return linked;
}

test("a link that falls silent is given up and dialed anew within 25 s [B-1] [B-3]", async () => {
  const server = await startLinkServer();
  const linked = await liveOn(server);
  const startMs = linked.clock.monotonicMs();

  // The peer's socket stays open and takes all, as where a network swallows what comes back.
  linked.clock.advance(20_000);
  expect(linked.client.status()).toMatchObject({
    state: "waiting",
    last_failure: "the worker did not answer a heartbeat",
  });
  linked.clock.advance(linked.clock.nextInMs ?? 0);

  await until("the next dial", () => server.sockets.length === 2);
  expect(linked.clock.monotonicMs() - startMs).toBeLessThan(25_000);
});

test("a link's frames wait for no answer to the one before [T-9]", async () => {
  const server = await startLinkServer();
  await liveOn(server);

  const noDelay = noDelayOf(server.port);

  expect(noDelay).toEqual(noDelay.known ? { known: true, isSet: true } : { known: false });
});

test.each([
  { status: 401, code: "unauthorized" },
  { status: 410, code: "revoked" },
])(
  "a dial that the worker answers $status $code is the last one, and says what to do [C-3]",
  async ({ status, code }) => {
    const server = await startLinkServer({
      refuse: (response) => {
        response.writeHead(status).end(JSON.stringify({ error: { code, message: "" } }));
      },
    });
    const linked = new LinkedClient({ url: server.url, dial: dialWith({ caFile: undefined }) });
    linked.client.start();

    expect(await linked.client.ended).toMatchObject({
      why: "refused",
      advice: expect.stringMatching(/enroll/i),
    });
    linked.clock.advance(3_600_000);
    expect(server.requests).toHaveLength(1);
  },
);

test.each([
  { status: 401, body: "<html>Sign in</html>" },
  { status: 403, body: "Access denied" },
  { status: 426, body: "" },
])("a proxy that answers $status ends no relay: it dials again [W-1]", async ({ status, body }) => {
  const server = await startLinkServer({
    refuse: (response) => {
      response.writeHead(status).end(body);
    },
  });
  const linked = new LinkedClient({ url: server.url, dial: dialWith({ caFile: undefined }) });
  linked.client.start();
  await until("the answer", () => linked.client.status().failures === 1);
  expect(linked.client.status().last_failure).toContain(String(status));
  linked.clock.advance(linked.clock.nextInMs ?? 0);

  await until("the next dial", () => server.requests.length === 2);
});

describe("the wait before the next dial", () => {
  const waitAfter = (failures: number, random: number): number => {
    let state: LinkState = initialLink(0);
    let nowMs = 0;
    for (let n = 0; n < failures; n += 1) {
      nowMs = nextTickMs(state) ?? nowMs;
      state = step(state, TICK, { nowMs, random }).state;
      state = step(state, UNREACHABLE, { nowMs, random }).state;
    }
    return (nextTickMs(state) ?? 0) - nowMs;
  };

  test("is anything from nothing to a bound that doubles from 0.5 s to 30 s [W-2]", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), random, (failures, part) => {
        const bound = Math.min(30_000, 500 * 2 ** (failures - 1));
        expect(Math.abs(waitAfter(failures, part) - bound * part)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  test("spreads a thousand relays that lost one worker evenly over it [W-2]", () => {
    const waits = Array.from({ length: 1_000 }, (_, i) => waitAfter(7, i / 1_000));
    const quarters = [0, 1, 2, 3].map(
      (q) => waits.filter((ms) => ms >= q * 7_500 && ms < (q + 1) * 7_500).length,
    );
    expect(quarters).toEqual([250, 250, 250, 250]);
  });

  test.each([
    { liveMs: HEALTHY_AFTER_MS - 1, waitMs: 4_000 },
    { liveMs: HEALTHY_AFTER_MS, waitMs: 250 },
  ])(
    "counts anew only behind a link of 30 s: $liveMs ms, $waitMs ms [W-3]",
    ({ liveMs, waitMs }) => {
      const live: LinkState = {
        name: "live",
        sinceMs: 0,
        attempt: 4,
        intervalMs: 10_000,
        beat: { name: "idle", dueMs: liveMs },
      };
      const { state } = step(live, { type: "closed", code: 1006 }, { nowMs: liveMs, random: 0.5 });
      expect((nextTickMs(state) ?? 0) - liveMs).toBe(waitMs);
    },
  );

  test("is never less than a Retry-After, nor more than twice that beside it [W-4]", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), random, (seconds, part) => {
        const retryAfterMs = seconds * 1_000;
        const dialing = step(initialLink(0), TICK, { nowMs: 0, random: part }).state;
        const failure = {
          type: "status",
          status: 429,
          refusal: "slow_down",
          retryAfterMs,
          serverTimeMs: undefined,
        } as const;
        const refused = step(dialing, { type: "dial_failed", failure }, { nowMs: 0, random: part });
        const waitMs = nextTickMs(refused.state) ?? 0;
        expect(waitMs).toBeGreaterThanOrEqual(retryAfterMs);
        expect(waitMs).toBeLessThanOrEqual(2 * retryAfterMs + 500);
      }),
    );
  });

  test("is 30 s to 60 s longer where another process took the link [C-2]", () => {
    const live: LinkState = {
      name: "live",
      sinceMs: 0,
      attempt: 0,
      intervalMs: 10_000,
      beat: { name: "idle", dueMs: 5_000 },
    };
    const replaced: LinkEvent = { type: "closed", code: CLOSE_CODES.replaced.code };
    const waits = [0, 0.999].map(
      (random) => nextTickMs(step(live, replaced, { nowMs: 0, random }).state) ?? 0,
    );
    expect(waits[0]).toBe(30_000);
    expect(waits[1]).toBeGreaterThan(59_000);
  });
});
