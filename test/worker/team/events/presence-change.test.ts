import { describe, expect, test } from "vitest";
import type { PresenceReport } from "../../../../worker/team/events/events-rpc.ts";
import { newsOf, presenceOf, relayNews } from "../../../../worker/team/events/presence-change.ts";

const FACTS = { name: "gw", label: "Hall 3", status: "active" } as const;

function report(
  connected: boolean,
  instances: Record<string, "up" | "down"> = {},
  atMs = 2_000,
): PresenceReport {
  const named = Object.entries(instances).map(([name, state]) => ({ name, state }));
  return { atMs, connected, sinceMs: 1_000, instances: named };
}

describe("presenceOf()", () => {
  test("shows instances as they are while their relay is connected", () => {
    expect(presenceOf(FACTS, report(true, { a: "up", b: "down" }))).toEqual({
      relay: "gw",
      label: "Hall 3",
      status: "active",
      connected: true,
      since: "1970-01-01T00:00:01.000Z",
      instances: [
        { instance: "gw/a", status: "up" },
        { instance: "gw/b", status: "down" },
      ],
    });
  });

  test("shows them as offline while it is not", () => {
    expect(presenceOf(FACTS, report(false, { a: "up" })).instances).toEqual([
      { instance: "gw/a", status: "offline" },
    ]);
  });

  test("says that nothing is known if nothing was reported", () => {
    expect(presenceOf(FACTS, undefined)).toMatchObject({
      connected: null,
      since: null,
      instances: [],
    });
  });
});

describe("newsOf()", () => {
  test.each([
    [undefined, true, "connected"],
    [undefined, false, "disconnected"],
    [report(false, { a: "up" }), true, "connected"],
    [report(true, { a: "up" }), false, "disconnected"],
  ])("after %j a relay of which connected is %s is %s, and that is all", (before, now, change) => {
    const news = newsOf(FACTS, before, report(now, { a: "down", b: "up" }));

    expect(news).toMatchObject([{ event: "relay", data: { change, relay: "gw" } }]);
  });

  test("reports each instance that came, moved or went while the relay is connected", () => {
    const before = report(true, { a: "up", b: "up", c: "down", d: "up" });
    const after = report(true, { a: "up", b: "down", c: "up", e: "up" });

    expect(
      newsOf(FACTS, before, after).map(({ data }) => [data["instance"], data["status"]]),
    ).toEqual([
      ["gw/b", "down"],
      ["gw/c", "up"],
      ["gw/e", "up"],
      ["gw/d", "gone"],
    ]);
  });

  test("reports nothing of instances nobody can reach, nor of what did not change", () => {
    expect(newsOf(FACTS, report(false, { a: "up" }), report(false))).toEqual([]);
    expect(newsOf(FACTS, report(true, { a: "up" }), report(true, { a: "up" }, 9_000))).toEqual([]);
  });
});

test("relayNews() says what the team did, beside how the relay is", () => {
  const told = relayNews({ ...FACTS, status: "suspended" }, report(true), {
    change: "suspended",
    atMs: 3_000,
  });

  expect(told).toMatchObject({
    event: "relay",
    data: {
      change: "suspended",
      status: "suspended",
      connected: true,
      at: "1970-01-01T00:00:03.000Z",
    },
  });
});
