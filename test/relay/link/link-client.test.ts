import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import { ring, startHost } from "../support/host-side/host.ts";
import { LinkedClient, sendsOnlyFrames } from "../support/worker-side/linked-client.ts";
import { requestOf, waitOf } from "../support/worker-side/link-request.ts";
import { runInstance } from "../support/host-side/running-instance.ts";
import { turns, until } from "../support/until.ts";
import { serverOf } from "../support/server-of.ts";

describe("LinkClient greets", () => {
  test("with hello first, as soon as the link is open [H-1]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    const link = await linked.dial(1);
    expect(link.sent).toEqual([]);

    link.opens();

    expect(link.frames).toEqual([
      {
        t: "hello",
        versions: { min: 1, max: 1 },
        relay_version: "1.2.3",
        clock_ms: linked.clock.wallMs(),
        features: ["samples.watch"],
      },
    ]);
    expect(link).toMatchObject({ url: new URL("wss://aimdb.example.com/relay"), token: "token-1" });
  });

  test("and tells its inventory behind welcome [I-1]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    expect(link.frames.map(({ t }) => t)).toEqual(["hello", "inventory"]);
    expect(linked.log.of("link_up")).toEqual([{ level: "info", event: "link_up", session: "s1" }]);
    expect(sendsOnlyFrames(link)).toBe(true);
  });

  test("and gives up where no welcome comes in five seconds [H-8]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    const link = await linked.dial(1);
    link.opens();

    linked.clock.advance(5_000);

    expect(link.isAbandoned).toBe(true);
    expect(linked.log.of("link_down")).toMatchObject([
      { why: "the worker did not answer the greeting" },
    ]);
    expect(await linked.comeBack()).not.toBe(link);
  });

  test("and gives up where the dial is not answered in fifteen seconds", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    const link = await linked.dial(1);

    linked.clock.advance(15_000);

    expect(link.isAbandoned).toBe(true);
  });
});

describe("LinkClient beats", () => {
  test.each([2_500, 10_000, 60_000])(
    "with a fixed text in the worker's interval of %d ms, for as long as it is answered [B-1]",
    async (intervalMs) => {
      const linked = new LinkedClient();
      const link = await linked.goLive(intervalMs);

      for (let n = 1; n <= 5; n += 1) {
        linked.clock.advance(intervalMs - 1);
        expect(link.heartbeatCount).toBe(n - 1);
        linked.clock.advance(1);
        expect(link.heartbeatCount).toBe(n);
        link.says(HEARTBEAT_RESPONSE);
      }

      expect(link.sent.at(-1)).toBe(HEARTBEAT_REQUEST);
      expect(link.isAbandoned).toBe(false);
      expect(linked.log.of("frame_refused")).toEqual([]);
    },
  );

  test("on time though other frames come [B-1]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    for (let n = 0; n < 10; n += 1) {
      linked.clock.advance(1_000);
      link.says({ t: "cancel", id: "0".repeat(32) });
    }
    expect(link.heartbeatCount).toBe(1);
  });

  test("and gives up where nothing comes back in ten seconds [B-3]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    linked.clock.advance(10_000);

    linked.clock.advance(9_999);
    expect(link.isAbandoned).toBe(false);
    linked.clock.advance(1);

    expect(link.isAbandoned).toBe(true);
    expect(linked.log.of("link_down")).toMatchObject([
      { why: "the worker did not answer a heartbeat" },
    ]);
  });

  test("and takes anything for an answer [B-3]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    linked.clock.advance(10_000);
    link.says({ t: "cancel", id: "0".repeat(32) });
    linked.clock.advance(9_999);
    expect(link.isAbandoned).toBe(false);
  });
});

describe("LinkClient closes with protocol_error on", () => {
  test.each([
    ["no JSON [F-3]", "hello", "malformed"],
    ["a frame of its own direction [F-3]", '{"t":"hello"}', "malformed"],
    ["a method that is none [F-3]", JSON.stringify({ ...requestOf(), method: "run" }), "malformed"],
    ["a binary message [T-8]", "", "malformed"],
    ["a frame that is too large", `"${"x".repeat(1_100_000)}"`, "frame_too_large"],
  ])("%s", async (_name, text, reason) => {
    const linked = new LinkedClient();
    const link = await linked.goLive();

    link.says(text);

    expect(link.closes).toEqual([{ code: CLOSE_CODES.protocol_error.code, reason }]);
    expect(linked.log.of("frame_refused")).toEqual([
      { level: "error", event: "frame_refused", reason },
    ]);
  });
});

describe("LinkClient takes", () => {
  test("the frames of a message in their order, each as if it came alone [T-11]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    const request = requestOf();
    const cancel = { t: "cancel", id: request.id };
    const other = { ...requestOf(), id: "b".repeat(32) };

    link.says([request, other, cancel].map((frame) => JSON.stringify(frame)).join("\n"));
    await until("the calls", () => linked.instance.heldCount === 2);
    linked.instance.release();
    await until("the reply", () => link.of("reply").length === 1);

    expect(link.of("reply")).toMatchObject([{ id: other.id }]);
  });

  test("nothing behind a malformed frame of the same message [T-11]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();

    link.says(`{"t":"nothing"}\n${JSON.stringify(requestOf())}`);
    await turns();

    expect(link.closes).toHaveLength(1);
    expect(linked.instance.heldCount).toBe(0);
  });
});

describe("LinkClient answers", () => {
  test("on the session that asked [R-3]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    const request = requestOf();

    link.says(request);
    await until("the call", () => linked.instance.heldCount === 1);
    linked.instance.release();
    await until("the reply", () => link.of("reply").length === 1);

    expect(link.of("reply")).toMatchObject([{ id: request.id, ok: { record_key: "a" } }]);
    expect(sendsOnlyFrames(link)).toBe(true);
  });

  test("on no later session [R-3]", async () => {
    const linked = new LinkedClient();
    const first = await linked.goLive();
    first.says(requestOf());
    await until("the call", () => linked.instance.heldCount === 1);

    first.closesWith(1006);
    const second = await linked.comeBack();
    linked.instance.release();
    await turns();

    expect([...first.of("reply"), ...second.of("reply")]).toEqual([]);
  });

  test("in times that begin with its hello [S-1]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    const link = await linked.dial(1);
    linked.clock.advance(700);
    link.opens();
    const helloMs = linked.clock.monotonicMs();
    linked.clock.advance(900);
    link.welcomes();

    link.says(requestOf());
    await until("the call", () => linked.instance.heldCount === 1);
    linked.instance.release();
    await until("the reply", () => link.of("reply").length === 1);

    // The instance's sample is of the relay's time 0.
    expect(link.of("reply")).toMatchObject([{ ok: { sample: { at_ms: -helloMs } } }]);
  });

  test("invalid_input to params that are not the method's, and keeps the link [R-14]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();

    link.says(requestOf({ params: [] }));
    await until("the reply", () => link.of("reply").length === 1);

    expect(link.of("reply")).toMatchObject([{ err: "invalid_input" }]);
    expect(link).toMatchObject({ closes: [], isAbandoned: false });
  });

  test("nobody when the link ends, and ends what is under way [R-17]", async () => {
    const host = await startHost({ aimx: "3.0", records: [ring("r")] });
    const { instance, clock, log } = await runInstance(host);
    const server = serverOf({ find: () => instance, clock, log });
    const linked = new LinkedClient({ server });
    const link = await linked.goLive();
    link.says(waitOf(20_000));
    await until("the wait", () => clock.isDueIn(20_000));

    link.closesWith(1006);

    await until("the end of the wait", () => !clock.isDueIn(20_000));
    await turns();
    expect(link.of("reply")).toEqual([]);
  });

  test("not once it was cancelled [R-9]", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    const request = requestOf();
    link.says(request);
    await until("the call", () => linked.instance.heldCount === 1);

    link.says({ t: "cancel", id: request.id });
    linked.instance.release();
    await turns();

    expect(link.of("reply")).toEqual([]);
  });
});

describe("LinkClient whose clock is refused", () => {
  const WORKER_MS = Date.UTC(2030, 0, 1);

  test("dials once more at once, with the worker's time, and keeps the difference [D-7]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    (await linked.dial(1)).refuses(401, WORKER_MS);
    const second = await linked.dial(2);
    second.opens();
    second.welcomes();
    linked.clock.advance(1_000);
    second.closesWith(1006);
    linked.clock.advance(250);
    await linked.dial(3);

    expect(linked.tokenTimes.slice(1)).toEqual([WORKER_MS, WORKER_MS + 1_250]);
    expect(linked.log.of("clock_differs")).toHaveLength(1);
  });

  test("says hello with its own time, which the worker shows [D-7]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    (await linked.dial(1)).refuses(401, WORKER_MS);
    const second = await linked.dial(2);
    second.opens();
    expect(second.frames).toMatchObject([{ t: "hello", clock_ms: linked.clock.wallMs() }]);
  });

  test("waits where the corrected dial is refused for its clock again [D-8]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    (await linked.dial(1)).refuses(401, WORKER_MS);
    (await linked.dial(2)).refuses(401, WORKER_MS);
    await turns();

    expect(linked.worker.links).toHaveLength(2);
    expect(linked.log.of("link_down")).toMatchObject([{ retry_in_ms: 250 }]);
    linked.clock.advance(250);
    expect(await linked.dial(3)).toBeDefined();
  });
});

describe("LinkClient dials again", () => {
  test.each([1000, 1001, 1006, 4400, 4408, 4413, 4999])(
    "after the close %d [C-1]",
    async (code) => {
      const linked = new LinkedClient();
      const first = await linked.goLive();
      first.closesWith(code);
      expect(await linked.comeBack()).not.toBe(first);
    },
  );

  test("after half a minute where another process took its place [C-2]", async () => {
    const linked = new LinkedClient();
    (await linked.goLive()).closesWith(CLOSE_CODES.replaced.code);
    expect(linked.clock.nextInMs).toBe(45_250);
  });

  test("where no token could be made, and says so", async () => {
    const createToken = async () => {
      throw new Error("no key");
    };
    const linked = new LinkedClient({ createToken });
    linked.client.start();
    await until("the failure", () => linked.log.of("link_down").length === 1);
    expect(linked.log.of("link_down")).toMatchObject([{ why: expect.stringContaining("no key") }]);
    expect(linked.clock.nextInMs).toBe(250);
  });

  test("where the dial could not be begun, and says so", async () => {
    const linked = new LinkedClient();
    linked.worker.error = new Error("ENOENT: no such file, open '/etc/ca.pem'");
    linked.client.start();
    await until("the failure", () => linked.log.of("link_down").length === 1);
    expect(linked.log.of("link_down")).toMatchObject([
      { why: expect.stringContaining("/etc/ca.pem") },
    ]);

    linked.worker.error = undefined;
    linked.clock.advance(250);
    expect(await linked.dial(1)).toBeDefined();
  });

  test("and hears no more of the link that it gave up", async () => {
    const linked = new LinkedClient();
    const first = await linked.goLive();
    linked.clock.advance(20_000);
    expect(first.isAbandoned).toBe(true);
    const second = await linked.comeBack();

    first.says(requestOf());
    first.closesWith(CLOSE_CODES.revoked.code);
    await turns();

    expect(linked.end).toBeUndefined();
    expect(linked.instance.heldCount).toBe(0);
    expect(second.isAbandoned).toBe(false);
  });
});

describe("LinkClient ends for good", () => {
  test.each([CLOSE_CODES.revoked, CLOSE_CODES.unauthorized, CLOSE_CODES.unsupported_version])(
    "when it is closed with $code, with advice [C-3]",
    async ({ code, advice }) => {
      const linked = new LinkedClient();
      (await linked.goLive()).closesWith(code);
      await until("the end", () => linked.end !== undefined);
      linked.clock.advance(600_000);
      await turns();

      expect(linked.end).toMatchObject({ why: "refused", advice });
      expect(linked.worker.links).toHaveLength(1);
    },
  );

  test("when its dial is refused", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    (await linked.dial(1)).refuses(410);
    expect(await linked.client.ended).toMatchObject({ why: "refused" });
  });
});

test("LinkClient logs a long outage at its 1st, 2nd, 4th failure and so on, and each new reason", async () => {
  const linked = new LinkedClient();
  linked.client.start();
  for (let n = 1; n <= 20; n += 1) {
    (await linked.dial(n)).fails({ type: "unreachable", reason: n < 10 ? "no route" : "no name" });
    linked.clock.advance(linked.clock.nextInMs ?? 0);
  }

  expect(linked.log.of("link_down").map(({ why, failures }) => [failures, why])).toEqual([
    [1, "no route"],
    [2, "no route"],
    [4, "no route"],
    [8, "no route"],
    [10, "no name"],
    [16, "no name"],
  ]);
});
