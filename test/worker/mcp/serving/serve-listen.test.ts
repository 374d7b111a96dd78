import { afterEach, describe, expect, test, vi } from "vitest";
import { failure, type Failure } from "#shared/failure.ts";
import type { WatchQuery, Watched } from "#shared/fleet/fleet.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { serveMcp } from "../../../../worker/mcp/serving/serve-mcp.ts";
import { fakeInstance } from "../../../shared/mcp/support/builders.ts";
import { FakeFleet } from "../../../shared/mcp/support/fake-fleet.ts";
import { Arrivals } from "../../support/arrivals.ts";
import { modernBody, modernHeaders, type RpcBody } from "../../support/mcp.ts";
import { ORIGIN } from "../../support/worker.ts";

const AUTHORIZE_MS = 60_000;
const INTERVAL_MS = 250;

const URI = "aimdb://gw/plant/record/sensor.temp";
const OTHER_URI = "aimdb://gw/plant/record/app.settings";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Time that passes when the test says so. */
class PlayedTime {
  readonly #waiting = new Map<number, (() => void)[]>();

  readonly wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      this.#waiting.set(ms, [...(this.#waiting.get(ms) ?? []), resolve]);
    });

  /** Ends one wait of that length, once somebody waits so long. */
  async pass(ms: number): Promise<void> {
    const end = await vi.waitFor(() => {
      const [first, ...rest] = this.#waiting.get(ms) ?? [];
      if (first === undefined) throw new Error(`Nobody waits ${ms} ms`);
      this.#waiting.set(ms, rest);
      return first;
    });
    end();
  }

  isWaitedFor(ms: number): boolean {
    return (this.#waiting.get(ms) ?? []).length > 0;
  }
}

/** Watches are answered when the test says so; the first, which only asks where things stand, at once. */
class WatchedFleet extends FakeFleet {
  readonly #open = new Arrivals<(watched: Result<Watched, Failure>) => void>();

  constructor() {
    super([fakeInstance("gw/plant", ["sensor.temp", "app.settings"])]);
  }

  override async watch(instance: string, query: WatchQuery): Promise<Result<Watched, Failure>> {
    if (instance !== "gw/plant") return err(failure("unknown_instance", "None."));
    const refusal = REFUSALS[query.record];
    if (refusal !== undefined) return err(refusal);
    if (query.waitMs === 0) return ok({ changed: false, next: "e:0" });
    return new Promise((resolve) => {
      this.#open.push(resolve);
    });
  }

  async answer(watched: Result<Watched, Failure>): Promise<void> {
    (await this.#open.next("watch"))(watched);
  }

  get openWatches(): number {
    return this.#open.count;
  }
}

const REFUSALS: Readonly<Record<string, Failure>> = {
  none: failure("unknown_record", "None."),
  "device.command": failure("not_observable", "A mailbox."),
};
const CHANGED = ok({ changed: true, next: "e:1" });
const SAME = ok({ changed: false, next: "e:1" });

class Listener {
  readonly time = new PlayedTime();
  readonly fleet = new WatchedFleet();
  readonly #messages = new Arrivals<RpcBody & { method?: string; params?: unknown }>();
  isAllowed: () => Promise<boolean> = () => Promise.resolve(true);
  contentType: string | null = null;
  #cancel: () => Promise<unknown> = () => Promise.resolve();
  readonly #ends = new Arrivals<true>();

  async listen(notifications: object): Promise<void> {
    const method = "subscriptions/listen";
    const body = modernBody(method, { notifications });
    const headers = new Headers({
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    });
    for (const [name, value] of Object.entries(modernHeaders(method))) {
      if (value !== null) headers.set(name, value);
    }
    const request = new Request(`${ORIGIN}/mcp`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const response = await serveMcp(request, body, {
      fleet: this.fleet,
      explain: String,
      stillAllowed: () => this.isAllowed(),
      wait: this.time.wait,
    });
    this.contentType = response.headers.get("content-type");
    void this.#read(response);
    closing.push(() => this.close());
  }

  next(): Promise<RpcBody & { method?: string; params?: unknown }> {
    return this.#messages.next("message");
  }

  get untaken(): number {
    return this.#messages.count;
  }

  ended(): Promise<true> {
    return this.#ends.next("end of the stream");
  }

  async close(): Promise<void> {
    await this.#cancel();
  }

  async #read(response: Response): Promise<void> {
    if (response.body === null) throw new Error("No body");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    this.#cancel = () => reader.cancel();
    let rest = "";
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const events = (rest + read.value).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const data = /^data: (.*)$/m.exec(event)?.[1];
        if (data !== undefined) this.#messages.push(JSON.parse(data));
      }
    }
    this.#ends.push(true);
  }
}

const SUBSCRIPTION = { "io.modelcontextprotocol/subscriptionId": 7 };

function acknowledged(notifications: object): object {
  return {
    method: "notifications/subscriptions/acknowledged",
    params: { notifications, _meta: SUBSCRIPTION },
  };
}

const UPDATED = {
  method: "notifications/resources/updated",
  params: { uri: URI, _meta: SUBSCRIPTION },
};

async function listening(uris: readonly string[] = [URI]): Promise<Listener> {
  const listener = new Listener();
  await listener.listen({ resourceSubscriptions: uris });
  await listener.next();
  return listener;
}

describe("a stream", () => {
  test("begins with what it will report", async () => {
    const listener = new Listener();
    await listener.listen({ resourceSubscriptions: [URI, OTHER_URI] });

    expect(await listener.next()).toMatchObject(
      acknowledged({ resourceSubscriptions: [URI, OTHER_URI] }),
    );
    expect(listener.contentType).toBe("text/event-stream");
  });

  test("leaves out what can't be watched, and repeats nothing", async () => {
    const listener = new Listener();
    await listener.listen({
      resourceSubscriptions: [
        URI,
        URI,
        "aimdb://gw/plant/record/none",
        "aimdb://gw/plant/record/device.command",
        "aimdb://gw/plant/records",
        "aimdb://elsewhere/plant/record/sensor.temp",
        "test://sensor.temp",
      ],
      toolsListChanged: true,
      resourcesListChanged: true,
    });

    expect((await listener.next()).params).toEqual({
      notifications: { resourceSubscriptions: [URI] },
      _meta: SUBSCRIPTION,
    });
  });

  test("of nothing ends at once, with a result", async () => {
    const listener = new Listener();
    await listener.listen({ resourceSubscriptions: ["aimdb://gw/plant/records"] });

    expect(await listener.next()).toMatchObject(acknowledged({}));
    expect(await listener.next()).toMatchObject({ id: 7, result: { resultType: "complete" } });
    expect(await listener.ended()).toBe(true);
    expect(listener.fleet.openWatches).toBe(0);
  });

  test("ends when its client goes, and so does what waits for it", async () => {
    const listener = await listening();
    await listener.close();
    await listener.fleet.answer(CHANGED);
    await listener.time.pass(AUTHORIZE_MS);

    expect(listener.time.isWaitedFor(INTERVAL_MS)).toBe(false);
    expect(listener.time.isWaitedFor(AUTHORIZE_MS)).toBe(false);
    expect(listener.fleet.openWatches).toBe(0);
  });
});

describe("a change", () => {
  test("is reported at once", async () => {
    const listener = await listening();
    await listener.fleet.answer(CHANGED);

    expect(await listener.next()).toMatchObject(UPDATED);
  });

  test("is asked for again only when 250 ms have passed", async () => {
    const listener = await listening();
    await listener.fleet.answer(CHANGED);
    await listener.next();

    expect(listener.fleet.openWatches).toBe(0);
    await listener.time.pass(INTERVAL_MS);
    await listener.fleet.answer(CHANGED);
    expect(await listener.next()).toMatchObject(UPDATED);
  });

  test("that did not happen is not reported", async () => {
    const listener = await listening();
    await listener.fleet.answer(SAME);
    await listener.time.pass(INTERVAL_MS);
    await listener.fleet.answer(CHANGED);

    expect(await listener.next()).toMatchObject(UPDATED);
    expect(listener.untaken).toBe(0);
  });

  test("of one resource is not reported as one of another", async () => {
    const listener = await listening([URI, OTHER_URI]);
    await listener.fleet.answer(SAME);
    await listener.fleet.answer(CHANGED);

    expect(await listener.next()).toMatchObject({ params: { uri: OTHER_URI } });
    expect(listener.untaken).toBe(0);
  });
});

describe("the right to listen", () => {
  test("is checked every minute, and while it holds the stream continues", async () => {
    const listener = await listening();
    await listener.time.pass(AUTHORIZE_MS);
    await listener.time.pass(AUTHORIZE_MS);
    await listener.fleet.answer(CHANGED);

    expect(await listener.next()).toMatchObject(UPDATED);
  });

  test.each([
    { name: "no more", isAllowed: () => Promise.resolve(false) },
    { name: "not to be found out", isAllowed: () => Promise.reject(new Error("no team object")) },
  ])("$name: the stream ends with a result, and nothing is told any more", async (other) => {
    const listener = await listening();
    listener.isAllowed = other.isAllowed;
    await listener.time.pass(AUTHORIZE_MS);

    expect(await listener.next()).toMatchObject({ id: 7, result: { resultType: "complete" } });
    expect(await listener.ended()).toBe(true);
    await listener.fleet.answer(CHANGED);
    expect(listener.untaken).toBe(0);
    expect(listener.time.isWaitedFor(INTERVAL_MS)).toBe(false);
  });

  test("holds for a quarter of an hour at most", async () => {
    const listener = await listening();
    for (let minute = 1; minute < 15; minute += 1) await listener.time.pass(AUTHORIZE_MS);
    expect(listener.untaken).toBe(0);
    await listener.time.pass(AUTHORIZE_MS);

    expect(await listener.next()).toMatchObject({ id: 7, result: { resultType: "complete" } });
  });
});
