import { chmod, lstat, readdir, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { ControlServer } from "../../../relay/control/control-server.ts";
import { MAX_REQUEST_BYTES } from "../../../relay/control/request.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { turns, until } from "../support/until.ts";
import { anyCharacter } from "../../support/any-character.ts";

const nothing = () => Promise.reject(new Error("Nothing waits."));
const NO_WRITES = { writes: nothing, decide: nothing };

const UNKNOWN = '{"error":"This relay knows no such request."}\n';

async function open(status: () => Promise<JsonValue> = async () => ({ n: 1 })) {
  const path = join(await freshFolder(), "control.sock");
  const clock = new ManualClock();
  const server = await ControlServer.open({ path, handlers: { ...NO_WRITES, status }, clock });
  onTestFinished(() => server.close());
  return { path, clock, server };
}

/** What came back until the server closed. */
function say(path: string, text: string): { answer: Promise<string>; end: () => void } {
  const socket = createConnection({ path });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write(text);
  const answer = new Promise<string>((resolve) => {
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
  });
  return { answer, end: () => socket.destroy() };
}

describe("ControlServer", () => {
  test("answers its owner with one line, and hangs up", async () => {
    const { path } = await open();
    expect(await say(path, '{"ask":"status"}\n').answer).toBe('{"ok":{"n":1}}\n');
  });

  test("is a socket that only its owner can open", async () => {
    const { path } = await open();
    const found = await lstat(path);
    expect(found.isSocket()).toBe(true);
    expect(found.mode & 0o777).toBe(0o600);
  });

  test("leaves nothing beside its socket", async () => {
    const { path } = await open();
    expect(await readdir(join(path, ".."))).toEqual(["control.sock"]);
  });

  test("takes the place of what a crash left", async () => {
    const folder = await freshFolder();
    const path = join(folder, "control.sock");
    await writeFile(path, "left behind");
    const clock = new ManualClock();
    const handlers = { ...NO_WRITES, status: async () => "new" };

    const server = await ControlServer.open({ path, handlers, clock });
    onTestFinished(() => server.close());

    expect(await say(path, '{"ask":"status"}\n').answer).toBe('{"ok":"new"}\n');
  });

  test("takes its socket along when it closes", async () => {
    const { path, server } = await open();
    await server.close();
    expect(await readdir(join(path, ".."))).toEqual([]);
  });

  test("leaves the socket of a relay that took its place", async () => {
    const { path, server, clock } = await open();
    const handlers = { ...NO_WRITES, status: async () => "second" };
    const second = await ControlServer.open({ path, handlers, clock });
    onTestFinished(() => second.close());

    await server.close();

    expect(await say(path, '{"ask":"status"}\n').answer).toBe('{"ok":"second"}\n');
  });

  test("answers when it can, however long that takes", async () => {
    let finish = (_value: JsonValue) => {};
    let isAsked = false;
    const { path, clock } = await open(() => {
      isAsked = true;
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    const { answer } = say(path, '{"ask":"status"}\n');
    await until("the request", () => isAsked);

    clock.advance(60_000);
    finish({ n: 2 });

    expect(await answer).toBe('{"ok":{"n":2}}\n');
  });

  test("passes on why it can't answer", async () => {
    const { path } = await open(async () => {
      throw new Error("not now");
    });
    expect(await say(path, '{"ask":"status"}\n').answer).toBe('{"error":"not now"}\n');
  });

  test("answers what takes its time, such as a write at a slow host", async () => {
    let give = (_value: JsonValue) => {};
    let isAsked = false;
    const { path, clock } = await open(() => {
      isAsked = true;
      return new Promise((resolve) => {
        give = resolve;
      });
    });
    const { answer } = say(path, '{"ask":"status"}\n');
    await until("the question", () => isAsked);
    clock.advance(15_000);
    await turns();
    give("done");

    expect(await answer).toBe('{"ok":"done"}\n');
  });

  test("waits for the whole line", async () => {
    const { path } = await open();
    const socket = createConnection({ path });
    const received = new Promise<string>((resolve) => {
      socket.on("data", (chunk: Buffer) => resolve(chunk.toString()));
    });
    for (const part of ['{"ask"', ':"sta', 'tus"}', "\n"]) {
      socket.write(part);
      await turns();
    }
    expect(await received).toBe('{"ok":{"n":1}}\n');
  });
});

describe("ControlServer refuses", () => {
  test.each([
    ["no JSON", "status\n"],
    ["another request", '{"ask":"stop"}\n'],
    ["a name of every object", '{"ask":"constructor"}\n'],
    ["a field that it does not know", '{"ask":"status","path":"/etc/passwd"}\n'],
    ["a list", "[]\n"],
    ["an empty line", "\n"],
    ["a line that is too long", `{"ask":"status","x":"${"x".repeat(MAX_REQUEST_BYTES)}`],
  ])("%s", async (_name, text) => {
    const { path } = await open();
    expect(await say(path, text).answer).toBe(UNKNOWN);
  });

  test("whatever comes in place of a request, and goes on", async () => {
    const { path } = await open();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: anyCharacter, maxLength: 200 }), async (text) => {
        const line = `${text.replaceAll("\n", "")}\n`;
        expect(await say(path, line).answer).toBe(UNKNOWN);
      }),
      { numRuns: 50 },
    );
    expect(await say(path, '{"ask":"status"}\n').answer).toBe('{"ok":{"n":1}}\n');
  });

  test("a connection that says nothing for five seconds", async () => {
    const { path, clock } = await open();
    const silent = say(path, '{"ask"');
    await until("the connection", () => clock.timerCount === 1);

    clock.advance(5_000);

    expect(await silent.answer).toBe("");
    expect(clock.timerCount).toBe(0);
  });

  test("a ninth connection at a time", async () => {
    const { path, clock } = await open();
    const held = Array.from({ length: 8 }, () => say(path, ""));
    await until("eight connections", () => clock.timerCount === 8);

    expect(await say(path, '{"ask":"status"}\n').answer).toBe("");
    for (const { end } of held) end();
    await until("their end", () => clock.timerCount === 0);

    expect(await say(path, '{"ask":"status"}\n').answer).toBe('{"ok":{"n":1}}\n');
  });
});

test("ControlServer says why it can't listen", async () => {
  const folder = await freshFolder();
  await chmod(folder, 0o700);
  const path = join(folder, "x".repeat(120), "control.sock");
  const open = ControlServer.open({
    path,
    handlers: { ...NO_WRITES, status: async () => null },
    clock: new ManualClock(),
  });
  await expect(open).rejects.toThrow(/EINVAL|ENAMETOOLONG/);
});
