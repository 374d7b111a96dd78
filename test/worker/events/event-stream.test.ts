import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import { EventStream, type EventStreamParts } from "../../../worker/events/event-stream.ts";
import type { HeardEvents } from "../../../worker/team/events/events-rpc.ts";
import { readResult, sample } from "../../support/link/link-samples.ts";

const NOTHING = { events: [], relays: null, isGap: false, last: 0 };

/** Settles never: what is asked stays under way. */
const forever = <T>(): Promise<T> => new Promise(() => {});

/** Its waits are fulfilled by `pass`, in the order of their ends. */
function begin(more: Partial<EventStreamParts> = {}) {
  let nowMs = 0;
  const waits: { atMs: number; run: () => void }[] = [];
  const stream = new EventStream({
    asked: { records: [], presence: true, lastEventId: undefined },
    stream: "0123456789abcdef",
    resumed: undefined,
    heard: NOTHING,
    hear: forever,
    ask: forever,
    stillAllowed: async () => true,
    wait: (ms) => new Promise((run) => waits.push({ atMs: nowMs + ms, run })),
    nowMs: () => nowMs,
    onSent: () => {},
    onOver: () => {},
    log: () => {},
    ...more,
  });
  const reader = stream.open().getReader();
  const pass = async (ms: number): Promise<void> => {
    const endMs = nowMs + ms;
    while (true) {
      for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
      const [next] = waits.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      nowMs = next.atMs;
      waits.splice(waits.indexOf(next), 1);
      next.run();
    }
    nowMs = endMs;
  };
  /** All there is until the text is among it. */
  const until = async (text: string): Promise<string> => {
    let seen = "";
    while (!seen.includes(text)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`It ended without ${text}: ${seen}`);
      seen += new TextDecoder().decode(value);
    }
    return seen;
  };
  return { stream, reader, pass, until };
}

type Begun = ReturnType<typeof begin>;

const RECORDS = [{ instance: "gw/a", record: "r" }];
const ASKED = { records: RECORDS, presence: false, lastEventId: undefined };

describe("a stream", () => {
  test("first says when to reconnect and that it is open", async () => {
    const { until } = begin();

    expect(await until("hello")).toMatch(
      /^retry: 1000\n\nevent: hello\nid: \S+\ndata: \{.*\}\n\n$/,
    );
  });

  test("reports how many bytes its reader has received", async () => {
    let sent = 0;
    const { until } = begin({
      onSent: (bytes) => {
        sent += bytes;
      },
    });
    const seen = await until("hello");

    expect(sent).toBe(seen.length);
  });

  test("shows each relay, and then what happens to it", async () => {
    const relay = { relay: "gw", label: "", status: "active", instances: [] } as const;
    const first = { ...NOTHING, relays: [{ ...relay, connected: true, since: null }], last: 3 };
    const event = { seq: 4, event: "relay", data: { change: "disconnected" } } as const;
    const answers: HeardEvents[] = [
      { type: "heard", heard: { ...NOTHING, events: [event], last: 4 } },
    ];
    const asked: number[] = [];
    const { until } = begin({
      heard: first,
      hear: (after) => {
        asked.push(after);
        const answer = answers.shift();
        return answer === undefined ? forever() : Promise.resolve(answer);
      },
    });

    const seen = await until("disconnected");

    expect(seen).toContain('"change":"initial","relay":"gw"');
    expect(asked).toEqual([3, 4]);
  });

  test("writes a comment every five seconds, by which a reader that is gone is noticed", async () => {
    const { pass, until } = begin();
    await until("hello");
    await pass(5_000);
    await pass(5_000);

    expect(await until("keepalive")).toBe(": keepalive\n\n".repeat(2));
  });

  test("asks nothing before it is read: what a request asks would end with the request's own time", async () => {
    const asked: string[] = [];
    const { pass, until } = begin({
      asked: ASKED,
      ask: () => {
        asked.push("relay");
        return forever();
      },
      hear: () => {
        asked.push("team");
        return forever();
      },
    });
    await pass(1_000);
    expect(asked).toEqual([]);

    await until("hello");
    await pass(0);

    expect(asked.toSorted()).toEqual(["relay", "team"]);
  });

  test("asks a relay for no more before its reader has taken what it gave", async () => {
    let asked = 0;
    const watched = (sequence: number) => ({
      entries: [
        {
          record: "r",
          ok: readResult({
            samples: [sample({ epoch: "p.0", sequence })],
            cursor: { epoch: "p.0", sequence },
          }),
        },
      ],
      more: false,
    });
    const { pass, until } = begin({
      asked: ASKED,
      resumed: { stream: "f", presence: null, cursors: [{ epoch: "p.0", sequence: 0 }] },
      ask: async () => {
        asked += 1;
        return ok({ watched: watched(asked), sessionStartedAtMs: 0 });
      },
    });
    await until("hello");
    await pass(1_000);
    expect(asked).toBe(1);

    await until('"sequence":1,');
    await pass(1_000);

    expect(asked).toBe(2);
  });

  test("asks again at once for what failed when presence says that something came", async () => {
    let asked = 0;
    let tell: (heard: HeardEvents) => void = () => {};
    const { pass, until } = begin({
      asked: ASKED,
      hear: () =>
        new Promise((resolve) => {
          tell = resolve;
        }),
      ask: async () => {
        asked += 1;
        return asked > 1 ? forever() : err(failure("relay_offline", "Away."));
      },
    });
    await until("unavailable");
    await pass(500);
    expect(asked).toBe(1);

    const event = { seq: 1, event: "relay", data: {} } as const;
    tell({ type: "heard", heard: { ...NOTHING, events: [event], last: 1 } });
    await pass(0);

    expect(asked).toBe(2);
  });
});

describe("a stream ends", () => {
  test("after a quarter of an hour, so that its reader reconnects", async () => {
    const { pass, reader, until } = begin();
    await until("hello");
    await pass(15 * 60_000);

    expect(await until("bye")).toContain('"reason":"renew"');
    expect(await reader.read()).toMatchObject({ done: true });
  });

  test("when the token is no longer valid, which is checked once a minute", async () => {
    const { pass, until } = begin({ stillAllowed: async () => false });
    await until("hello");
    await pass(60_000);

    expect(await until("bye")).toContain('"reason":"revoked"');
  });

  test.each([
    ["outdated", "revoked"],
    ["replaced", "replaced"],
  ] as const)("when the team says that it is %s", async (type, reason) => {
    const { until } = begin({ hear: async () => ({ type }) });

    expect(await until("bye")).toContain(`"reason":"${reason}"`);
  });

  test("when a relay's object rejects its principal", async () => {
    const { until } = begin({
      asked: ASKED,
      ask: async () => err(failure("unauthenticated", "Not any more.")),
    });

    expect(await until("bye")).toContain('"reason":"revoked"');
  });

  test("and says so when the worker fails", async () => {
    const logged: unknown[] = [];
    const { until } = begin({
      hear: async () => {
        throw new Error("a bug");
      },
      log: (error) => logged.push(error),
    });

    expect(await until("bye")).toContain('"reason":"internal"');
    expect(logged).toEqual(["hear: Error: a bug"]);
  });

  const goes: Readonly<Record<string, (begun: Begun) => void>> = {
    "its reader cancels it": ({ reader }) => void reader.cancel(),
    "its request is aborted": ({ stream }) => stream.leave(),
  };
  test.each(Object.entries(goes))("when %s, once, and asks no more", async (_, leave) => {
    let asked = 0;
    let over = 0;
    const begun = begin({
      asked: ASKED,
      ask: async () => {
        asked += 1;
        return err(failure("relay_offline", "Away."));
      },
      onOver: () => {
        over += 1;
      },
    });
    await begun.until("unavailable");

    leave(begun);
    begun.stream.leave();
    await begun.pass(60_000);

    expect({ asked, over }).toEqual({ asked: 1, over: 1 });
  });

  test("before it has asked more than the platform allows one request", async () => {
    const heard = { type: "heard", heard: NOTHING } as const;
    let asked = 0;
    const { until } = begin({
      hear: async () => {
        asked += 1;
        return heard;
      },
    });

    expect(await until("bye")).toContain('"reason":"renew"');
    expect(asked).toBeLessThan(10_000);
  });
});
