import { describe, expect, test, vi } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import { HALF_OPEN_AFTER_MS } from "#shared/link/limits.ts";
import type { Request as LinkRequest } from "#shared/link/request.ts";
import type { Attachment } from "../../../../worker/relay/link/attachment.ts";
import { STORED_PER_MINUTE, UNASKED_PER_S } from "../../../../worker/relay/link/unasked-frames.ts";
import { LinkBench, ObjectSocket } from "../../support/link-bench.ts";
import { HELLO } from "../../support/scripted-relay.ts";

const HOUR_MS = 3_600_000;
const REQUEST: LinkRequest = {
  t: "req",
  id: "0".repeat(32),
  instance: "plant",
  principal: "p",
  deadline_ms: 30_000,
  method: "record.get",
  params: {},
};

const LIVE: Attachment["session"] = {
  name: "live",
  id: "session",
  version: 1,
  startedAtMs: 5,
  relayVersion: "0.1.0",
  clockOffsetMs: 0,
  journalId: null,
  features: [],
};

function requestOf(digit: string, method: LinkRequest["method"] = "record.get"): LinkRequest {
  return { ...REQUEST, id: digit.repeat(32), method };
}

function replyTo(digit: string): string {
  return encodeFrame({ t: "reply", id: digit.repeat(32), instance: "plant", ok: digit });
}

/** The ids of each message, by their digit, without the welcome. */
function sentIds({ sent }: ObjectSocket): string[] {
  const idsIn = (message: string) => Array.from(message.matchAll(/"id":"(.)/g), ([, id]) => id);
  return sent.slice(1).map((message) => idsIn(message).join(""));
}

describe("a link's messages", () => {
  test("hold the reads of one turn, except the first, which does not wait [T-7]", async () => {
    const bench = new LinkBench();
    const socket = bench.greeted();
    const asked = ["1", "2", "3"].map((digit) => bench.link.ask(requestOf(digit)));
    const atOnce = sentIds(socket);
    await vi.waitFor(() => expect(sentIds(socket)).toHaveLength(2));
    bench.hear(socket, ["1", "2", "3"].map(replyTo).join("\n"));

    expect([atOnce, sentIds(socket)]).toEqual([["1"], ["1", "23"]]);
    expect(await Promise.all(asked)).toMatchObject(
      ["1", "2", "3"].map((digit) => ({ type: "reply", reply: { ok: digit } })),
    );
  });

  test("take a write at once, after the reads that were asked before", () => {
    const bench = new LinkBench();
    const socket = bench.greeted();
    for (const digit of ["1", "2"]) void bench.link.ask(requestOf(digit));
    void bench.link.ask(requestOf("3", "record.set"));

    expect(sentIds(socket)).toEqual(["1", "2", "3"]);
  });

  test("of a link that is gone are not sent on the next [R-3]", async () => {
    const bench = new LinkBench();
    const first = bench.greeted();
    const asked = ["1", "2"].map((digit) => bench.link.ask(requestOf(digit)));
    const second = bench.greeted();
    void bench.link.ask(requestOf("3"));
    void bench.link.ask(requestOf("4"));
    await vi.waitFor(() => expect(sentIds(second)).toHaveLength(2));

    expect([sentIds(first), sentIds(second)]).toEqual([["1"], ["3", "4"]]);
    expect(await Promise.all(asked)).toEqual([{ type: "lost" }, { type: "lost" }]);
  });

  test("are ignored after a malformed frame [T-11]", async () => {
    const bench = new LinkBench();
    const socket = bench.greeted();
    const asked = bench.link.ask(requestOf("1"));
    bench.hear(socket, `{"t":"nothing"}\n${replyTo("1")}`);

    expect(await asked).toEqual({ type: "lost" });
    expect(socket.closes).toHaveLength(1);
  });
});

describe("a link's frame in parts", () => {
  test("is the frame; what comes between its parts is heard as usual [P-1] [P-2]", async () => {
    const bench = new LinkBench();
    const socket = bench.greeted();
    const asked = ["1", "2"].map((digit) => bench.link.ask(requestOf(digit)));
    const text = replyTo("1");
    for (const message of [`+${text.slice(0, 20)}`, replyTo("2"), `=${text.slice(20)}`]) {
      bench.hear(socket, message);
    }

    expect(await Promise.all(asked)).toMatchObject([
      { reply: { ok: "1" } },
      { reply: { ok: "2" } },
    ]);
    expect(socket.closes).toEqual([]);
  });

  test("is forgotten with its session [P-4]", () => {
    const bench = new LinkBench();
    const before = bench.greeted();
    bench.hear(before, `+${replyTo("1").slice(0, 20)}`);
    bench.link.onClose(before as unknown as WebSocket);
    const socket = bench.greeted();
    bench.hear(socket, `=${replyTo("1").slice(20)}`);

    expect(socket.closes).toEqual([4400]);
  });

  test("ends a link that never said hello [P-7]", () => {
    const bench = new LinkBench();
    const socket = bench.accept();
    bench.hear(socket, "+{");

    expect(socket.closes).toEqual([4400]);
  });

  test("ends a link if it is over a mebibyte [P-5]", () => {
    const bench = new LinkBench();
    const socket = bench.greeted();
    for (const part of ["+", "+", "="]) bench.hear(socket, part + "x".repeat(400_000));

    expect(socket.closes).toEqual([4413]);
  });

  test("is counted as unasked if it is taken back over and over [F-7]", () => {
    const bench = new LinkBench();
    const socket = bench.greeted();
    for (let n = 0; n < 2 * UNASKED_PER_S + 1; n += 1) {
      bench.hear(socket, "+x");
      bench.hear(socket, "-");
    }

    expect(socket.closes).toEqual([4429]);
  });
});

describe("a link that fell silent", () => {
  test("is live up to 25 seconds after its last sign [B-4]", () => {
    const bench = new LinkBench();
    bench.greeted();

    expect(bench.stateIn(HALF_OPEN_AFTER_MS - 1_000)).toMatchObject({ name: "live" });
  });

  test("is ended when somebody looks, as of its last sign [B-4]", () => {
    const bench = new LinkBench();
    const socket = bench.greeted();

    const session = bench.stateIn(HALF_OPEN_AFTER_MS + 1_000);

    expect(session).toMatchObject({ name: "offline", sinceMs: bench.offlineSince[0] });
    expect(bench.offlineSince[0]).toBeLessThanOrEqual(Date.now());
    expect(socket.closes).toEqual([1001]);
  });

  test("is not silent while the platform answers its heartbeats [B-2] [B-4]", () => {
    const bench = new LinkBench();
    bench.greeted();
    bench.heartbeatAt = new Date(Date.now() + 20_000);

    expect(bench.stateIn(HALF_OPEN_AFTER_MS + 1_000)).toMatchObject({ name: "live" });
    expect(bench.stateIn(HALF_OPEN_AFTER_MS + 21_000)).toMatchObject({
      name: "offline",
      sinceMs: bench.heartbeatAt.getTime(),
    });
  });

  test("is noticed as soon, even if the clock was set back meanwhile [B-4]", () => {
    const bench = new LinkBench();
    bench.greeted();
    bench.heartbeatAt = new Date(Date.now() + 1_000);

    expect(bench.stateIn(-HOUR_MS).name).toBe("live");
    expect(bench.stateIn(-HOUR_MS + HALF_OPEN_AFTER_MS - 1_000).name).toBe("live");
    expect(bench.stateIn(-HOUR_MS + HALF_OPEN_AFTER_MS + 1_000).name).toBe("offline");
  });

  test("is not silent if heartbeats continue after the clock was set back [B-4]", () => {
    const bench = new LinkBench();
    bench.greeted();
    bench.stateIn(-HOUR_MS);
    bench.heartbeatAt = new Date(Date.now() - HOUR_MS + 20_000);

    expect(bench.stateIn(-HOUR_MS + HALF_OPEN_AFTER_MS + 1_000).name).toBe("live");
  });

  test("fails what waits", async () => {
    const bench = new LinkBench();
    bench.greeted();
    const asked = bench.link.ask(REQUEST);

    bench.stateIn(HALF_OPEN_AFTER_MS + 1_000);

    expect(await asked).toEqual({ type: "lost" });
  });

  test("is not ended while it greets: the greeting has its own time", () => {
    const bench = new LinkBench();
    bench.accept();

    expect(bench.stateIn(HALF_OPEN_AFTER_MS + 1_000).name).toBe("greeting");
  });
});

describe("a link on waking", () => {
  test("continues the session that is attached to the socket of its generation", () => {
    const socket = new ObjectSocket({ generation: 3, session: LIVE });
    const bench = new LinkBench([socket], 3);

    expect(bench.stateIn(0)).toEqual(LIVE);
    expect(socket.closes).toEqual([]);
  });

  test("continues a greeting", () => {
    const greeting = { name: "greeting", deadlineMs: Date.now() + 5_000, sinceMs: null };
    const socket = new ObjectSocket({ generation: 3, session: greeting });
    const bench = new LinkBench([socket], 3);

    bench.hear(socket, encodeFrame(HELLO));

    expect(bench.stateIn(0)).toMatchObject({ name: "live", relayVersion: HELLO.relay_version });
    expect(socket.sent).toHaveLength(1);
    expect(socket.attached).toMatchObject({ generation: 3, session: { name: "live" } });
  });

  test.each([
    { name: "an older generation", attached: { generation: 2, session: LIVE } },
    { name: "no session", attached: null },
    { name: "a session of another release", attached: { generation: 3, session: { name: "x" } } },
  ])("closes a socket of $name", ({ attached }) => {
    const socket = new ObjectSocket(attached);
    const bench = new LinkBench([socket], 3, 77);

    expect(socket.closes).toEqual([4409]);
    expect(bench.stateIn(0)).toMatchObject({ name: "offline", sinceMs: 77 });
  });

  test("takes a relay that has not sent a heartbeat yet as present", () => {
    const bench = new LinkBench([new ObjectSocket({ generation: 3, session: LIVE })], 3);

    expect(bench.stateIn(HALF_OPEN_AFTER_MS * 2).name).toBe("live");
  });
});

describe("the closing handshake", () => {
  test.each([1000, 1001, 1003, 1011, 3000, 4408, 4999])("echoes %i", (code) => {
    const bench = new LinkBench();
    const socket = bench.greeted();

    bench.link.onClose(socket as unknown as WebSocket, code);

    expect(socket.closes).toEqual([code]);
    expect(bench.stateIn(0).name).toBe("offline");
  });

  test.each([0, 999, 1004, 1005, 1006, 1015, 2999, 5000])("answers %i with 1000", (code) => {
    const bench = new LinkBench();
    const socket = bench.greeted();

    bench.link.onClose(socket as unknown as WebSocket, code);

    expect(socket.closes).toEqual([1000]);
  });

  test("is not needed for a socket that broke", () => {
    const bench = new LinkBench();
    const socket = bench.greeted();

    bench.link.onClose(socket as unknown as WebSocket);

    expect(socket.closes).toEqual([]);
    expect(bench.stateIn(0).name).toBe("offline");
  });
});

test("a link does not hear a socket that is not its own", () => {
  const bench = new LinkBench();
  const first = bench.greeted();
  const second = bench.greeted();

  bench.hear(first, "{");
  bench.link.onClose(first as unknown as WebSocket);

  expect(bench.stateIn(0).name).toBe("live");
  expect([first.closes, second.closes]).toEqual([[4409], []]);
});

test("RelayLink ends and counts the link of a relay that sends what nobody asked for [F-7]", () => {
  const bench = new LinkBench();
  const socket = bench.greeted();
  const frame = encodeFrame({
    t: "inventory",
    confirm_writes: "never",
    instances: [],
    skipped: [],
  });
  for (let n = 0; n < UNASKED_PER_S * 3; n += 1) bench.hear(socket, frame);
  for (const run of bench.due) run();

  expect(socket.closes).toEqual([4429]);
  expect(bench.told).toMatchObject([{ floods: 1 }]);
});

test.each([
  encodeFrame({ t: "inventory", confirm_writes: "never", instances: [], skipped: [] }),
  encodeFrame({ t: "last_known", instances: [] }),
])("RelayLink stores no more than a minute's worth of %s at once [F-7]", (frame) => {
  const bench = new LinkBench();
  const socket = bench.greeted();
  for (let n = 0; n < STORED_PER_MINUTE; n += 1) bench.hear(socket, frame);
  expect(socket.closes).toEqual([]);

  bench.hear(socket, frame);

  expect(socket.closes).toEqual([4429]);
});
