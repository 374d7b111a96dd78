import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { PatientTransport, type ResourceListener } from "../../../relay/stdio/patient-transport.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { turns, until } from "../support/until.ts";

const WAIT_MS = 5_000;

/** Grants a listen its record resources, when it is told to. */
class Listens implements ResourceListener {
  readonly asked: string[] = [];
  readonly ended: unknown[] = [];
  #grant: () => void = () => {};

  async listen(_id: string | number, uris: readonly string[]): Promise<readonly string[]> {
    this.asked.push(...uris);
    await new Promise<void>((resolve) => {
      this.#grant = resolve;
    });
    return uris.filter((uri) => uri.includes("/record/"));
  }

  unlisten(id: string | number): void {
    this.ended.push(id);
  }

  grant(): void {
    this.#grant();
  }
}

/** A transport that is read from and written to by hand. */
async function begin() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const clock = new ManualClock();
  const listens = new Listens();
  const transport = new PatientTransport(stdin, stdout, listens);
  const seen = { messages: [] as JSONRPCMessage[], errors: 0, closed: 0, finished: false };
  Object.assign(transport, {
    onmessage: (message: JSONRPCMessage) => seen.messages.push(message),
    onerror: () => {
      seen.errors += 1;
    },
    onclose: () => {
      seen.closed += 1;
    },
  });
  await transport.start();
  onTestFinished(() => transport.close());
  const write = (message: object) =>
    stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const finish = (signal?: AbortSignal) => {
    const finished = transport.finish({ clock, waitMs: WAIT_MS, signal });
    return finished.then(() => {
      seen.finished = true;
    });
  };
  const answer = (id: number) => transport.send({ jsonrpc: "2.0", id, result: {} });
  return { stdin, stdout, clock, transport, listens, seen, write, finish, answer };
}

test("PatientTransport passes messages on, both ways", async () => {
  const { stdout, seen, write, answer } = await begin();
  write({ id: 1, method: "ping" });
  await until("the message", () => seen.messages.length > 0);

  await answer(1);

  expect(seen.messages).toEqual([{ jsonrpc: "2.0", id: 1, method: "ping" }]);
  expect(JSON.parse(String(stdout.read()))).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
});

test("PatientTransport finishes at once where nothing is open", async () => {
  const { clock, seen, write, finish, answer } = await begin();
  write({ id: 1, method: "ping" });
  await until("the message", () => seen.messages.length > 0);
  await answer(1);

  await finish();

  expect(clock.timerCount).toBe(0);
});

test("PatientTransport finishes when the last request is answered", async () => {
  const { stdin, seen, write, finish, answer } = await begin();
  write({ id: 1, method: "ping" });
  write({ id: 2, method: "ping" });
  stdin.end();

  const finished = finish();
  await until("the messages", () => seen.messages.length === 2);
  await answer(1);
  await turns();
  expect(seen.finished).toBe(false);
  await answer(2);

  await finished;
  expect(seen.closed).toBe(0);
});

test("PatientTransport finishes when its time is over", async () => {
  const { clock, seen, write, finish } = await begin();
  write({ id: 1, method: "ping" });

  const finished = finish();
  await until("the wait", () => clock.isDueIn(WAIT_MS));
  clock.advance(WAIT_MS);

  await finished;
  expect(seen.closed).toBe(0);
});

test("PatientTransport finishes on a signal", async () => {
  const { clock, write, finish } = await begin();
  const stop = new AbortController();
  write({ id: 1, method: "ping" });

  const finished = finish(stop.signal);
  await until("the wait", () => clock.isDueIn(WAIT_MS));
  stop.abort();

  await finished;
  expect(clock.timerCount).toBe(0);
});

test("PatientTransport does not wait for a request that was cancelled", async () => {
  const { clock, seen, write, finish } = await begin();
  write({ id: 1, method: "ping" });
  write({ method: "notifications/cancelled", params: { requestId: 1 } });
  await until("the messages", () => seen.messages.length > 1);

  await finish();

  expect(clock.timerCount).toBe(0);
});

const LISTEN = {
  id: 7,
  method: "subscriptions/listen",
  params: {
    notifications: {
      toolsListChanged: true,
      resourceSubscriptions: ["aimdb://local/boiler/record/a", "aimdb://instances"],
    },
  },
};

test("PatientTransport passes on a listen for what can be watched, and does not wait for it", async () => {
  const { clock, listens, seen, write, finish } = await begin();
  write(LISTEN);
  await until("the question", () => listens.asked.length === 2);
  expect(seen.messages).toEqual([]);
  listens.grant();
  await until("the listen", () => seen.messages.length > 0);

  const resourceSubscriptions = ["aimdb://local/boiler/record/a"];
  expect(seen.messages).toEqual([
    {
      jsonrpc: "2.0",
      ...LISTEN,
      params: { notifications: { toolsListChanged: true, resourceSubscriptions } },
    },
  ]);
  await finish();
  expect(clock.timerCount).toBe(0);
});

test("PatientTransport drops a listen that is cancelled before it began", async () => {
  const { listens, seen, write } = await begin();
  write(LISTEN);
  await until("the question", () => listens.asked.length === 2);
  write({ method: "notifications/cancelled", params: { requestId: 7 } });
  await until("the end", () => listens.ended.length > 0);
  listens.grant();
  await turns();

  expect(listens.ended).toEqual([7, 7]);
  expect(seen.messages).toMatchObject([{ method: "notifications/cancelled" }]);
});

test("PatientTransport hears nothing more once it finishes", async () => {
  const { seen, write, finish } = await begin();
  await finish();

  write({ id: 1, method: "ping" });
  await turns();

  expect(seen.messages).toEqual([]);
});

test("PatientTransport finishes when nobody can be answered", async () => {
  const { stdout, clock, seen, write, finish } = await begin();
  write({ id: 1, method: "ping" });
  const finished = finish();
  await until("the wait", () => clock.isDueIn(WAIT_MS));

  stdout.destroy(new Error("EPIPE"));

  await finished;
  expect(seen.closed).toBe(1);
});

test("PatientTransport goes on behind lines that are no message", async () => {
  const { stdin, seen, write } = await begin();
  stdin.write('{nonsense\n{"nonsense":1}\n');
  write({ id: 1, method: "ping" });
  await until("the message", () => seen.messages.length > 0);

  expect(seen.errors).toBe(1);
});

test("PatientTransport ends on a message of more than a mebibyte", async () => {
  const { stdin, seen } = await begin();
  stdin.write("x".repeat(1024 * 1024 + 1));

  await until("the end", () => seen.closed > 0);

  expect(seen.messages).toEqual([]);
});
