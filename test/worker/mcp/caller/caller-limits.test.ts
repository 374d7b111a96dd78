import { afterEach, describe, expect, test } from "vitest";
import {
  CallerLimits,
  callerLimitsOf,
  endingWith,
} from "../../../../worker/mcp/caller/caller-limits.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { postMcpUnder } from "../../support/mcp.ts";
import { createTeam } from "../../support/team.ts";

afterEach(cleanUp);

const SETTINGS = { perMinute: 3, inFlight: 2 };

describe("the limits of a principal", () => {
  test("are a number of calls per minute, which come back evenly", () => {
    const limits = new CallerLimits();
    const call = (nowMs: number) => {
      const begun = limits.begin("ann", SETTINGS, nowMs);
      if (begun.ok) begun.value();
      return begun.ok ? "goes" : begun.error;
    };

    expect([call(0), call(0), call(0)]).toEqual(["goes", "goes", "goes"]);
    expect(call(0)).toEqual({ what: "per_minute", retryAfterS: 20 });
    expect(call(20_000)).toBe("goes");
    expect(call(20_000)).toEqual({ what: "per_minute", retryAfterS: 20 });
  });

  test("are a number of calls at a time, and one that ended twice counts once", () => {
    const limits = new CallerLimits();
    const begin = () => limits.begin("ann", { perMinute: 0, inFlight: 2 }, 0);
    const first = begin();
    begin();

    expect(begin()).toEqual({ ok: false, error: { what: "in_flight", retryAfterS: 1 } });
    if (first.ok) {
      first.value();
      first.value();
    }
    expect([begin().ok, begin().ok]).toEqual([true, false]);
  });

  test("count each call of a batch, at a time and per minute", () => {
    const limits = new CallerLimits();
    const many = { perMinute: 5, inFlight: 4 };
    const first = limits.begin("ann", many, 0, 3);

    expect(limits.begin("ann", many, 0, 2)).toMatchObject({ error: { what: "in_flight" } });
    if (first.ok) first.value();
    expect(limits.begin("ann", many, 0, 3)).toMatchObject({ error: { what: "per_minute" } });
    expect(limits.begin("ann", many, 0, 2).ok).toBe(true);
  });

  test("are separate for each principal, and 0 is none", () => {
    const limits = new CallerLimits();
    const none = { perMinute: 0, inFlight: 0 };
    for (let i = 0; i < 1_000; i += 1) expect(limits.begin("ann", none, 0).ok).toBe(true);
    for (let i = 0; i < 4; i += 1) limits.begin("bob", SETTINGS, 0);

    expect(limits.begin("eve", SETTINGS, 0).ok).toBe(true);
  });

  test("are forgotten for the longest idle first, one for each newcomer, and never with a call in flight", () => {
    const limits = new CallerLimits(3);
    const once = { perMinute: 1, inFlight: 1 };
    const begin = (principal: string) => limits.begin(principal, once, 0);
    const call = (principal: string) => {
      const begun = begin(principal);
      if (begun.ok) begun.value();
      return begun.ok;
    };
    begin("busy");
    call("ann");
    call("bob");
    // Asked last, though she was turned away.
    expect(call("ann")).toBe(false);
    call("eve");

    expect([call("ann"), call("eve"), begin("busy").ok]).toEqual([false, false, false]);
    expect(call("bob")).toBe(true);
    expect([call("eve"), call("ann")]).toEqual([false, true]);
  });

  test("are held for all once more callers than are known have ended together", () => {
    const limits = new CallerLimits(2);
    const once = { perMinute: 1, inFlight: 1 };
    const begun = ["ann", "bob", "eve", "dan"].map((name) => limits.begin(name, once, 0));
    for (const one of begun) if (one.ok) one.value();

    expect(limits.begin("dan", once, 0).ok).toBe(false);
    expect(limits.begin("eve", once, 0).ok).toBe(false);
    expect(limits.begin("ann", once, 0).ok).toBe(true);
  });

  test.each([
    [{}, { perMinute: 120, inFlight: 8 }],
    [
      { CALLS_PER_MINUTE: "0", CALLS_IN_FLIGHT: "20" },
      { perMinute: 0, inFlight: 20 },
    ],
    [
      { CALLS_PER_MINUTE: "-1", CALLS_IN_FLIGHT: "many" },
      { perMinute: 120, inFlight: 8 },
    ],
  ])("are read from %o", (settings, limits) => {
    expect(callerLimitsOf(settings)).toEqual(limits);
  });
});

describe("a call", () => {
  test("that is streamed ends with its last byte, or when nobody reads it any more", async () => {
    const ended: string[] = [];
    const stream = () => {
      const text = new Blob(["data: 1\n\n"]).stream();
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    };
    const read = endingWith(stream(), () => ended.push("read"));
    const left = endingWith(stream(), () => ended.push("left"));
    endingWith(Response.json({}), () => ended.push("plain"));

    expect(ended).toEqual(["plain"]);
    expect(await read.text()).toBe("data: 1\n\n");
    await left.body?.cancel();
    expect(ended).toEqual(["plain", "read", "left"]);
  });

  test("that is streamed ends where its stream breaks off", async () => {
    let ended = 0;
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error("lost")) });
    const headers = { "content-type": "text/event-stream" };
    const held = endingWith(new Response(broken, { headers }), () => (ended += 1));

    await expect(held.text()).rejects.toThrow("lost");
    expect(ended).toBe(1);
  });

  test("beyond the limit is refused with when to come again, and its own id", async () => {
    const token = await (await createTeam()).accessToken();
    const list = { jsonrpc: "2.0", id: 7, method: "tools/list" };
    const ask = () => postMcpUnder({ CALLS_PER_MINUTE: "2" }, token, list);
    const statuses = [await ask(), await ask()].map(({ status }) => status);
    const refused = await ask();

    expect(statuses).toEqual([200, 200]);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({
      id: 7,
      error: { message: expect.stringMatching(/Ask again in \d+ s/) },
    });
  });
});
