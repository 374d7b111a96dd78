import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import { confirm } from "../../../relay/commands/confirm.ts";
import { ControlServer } from "../../../relay/control/control-server.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

const IDS = ["aaaa0000", "aaaa1111", "bbbb0000"].map((start) => start.padEnd(32, "0"));

/** Processes that hold the given writes, at the sockets of the given names. */
async function begin(held: Record<string, readonly object[]>) {
  const state = await freshFolder();
  const decided: JsonValue[] = [];
  for (const [name, rows] of Object.entries(held)) {
    const server = await ControlServer.open({
      path: join(state, name),
      handlers: {
        status: async () => null,
        writes: async () => JSON.parse(JSON.stringify(rows)) as JsonValue,
        decide: async ({ id, approve }) => {
          decided.push([name, id, approve]);
          return { outcome: "applied", record_key: "a", echo: "same" };
        },
      },
      clock: new ManualClock(),
    });
    onTestFinished(() => server.close());
  }
  const command = async (id?: string, more: { decline?: boolean; json?: boolean } = {}) => {
    const environment = new TestEnvironment({
      homeFolder: state,
      variables: { STATE_DIRECTORY: state },
    });
    const code = await confirm({ id, decline: false, json: false, ...more }, environment);
    return { code, printed: environment.printed, errors: environment.printedError };
  };
  return { state, decided, command };
}

function rowOf(id: string | undefined, more: object = {}): object {
  const row = { id, principal: "ann", instance: "boiler", record: "a", value: "2", current: "1" };
  return { ...row, expires_in_ms: 60_000, ...more };
}

describe("confirm", () => {
  test("shows what waits in every process that runs here", async () => {
    const { command } = await begin({
      "control.sock": [rowOf(IDS[0])],
      "stdio-12.sock": [rowOf(IDS[2], { current: null })],
    });

    const { code, printed } = await command();

    expect(code).toBe(0);
    expect(printed).toContain("aaaa0000  boiler a: 1 -> 2  asked by ann, 60 s left");
    expect(printed).toContain("bbbb0000  boiler a: (not known) -> 2");
    expect(JSON.parse((await command(undefined, { json: true })).printed)).toHaveLength(2);
  });

  test("asks the process that holds the write, by as much of its id as tells it apart", async () => {
    const { decided, command } = await begin({
      "control.sock": [rowOf(IDS[0]), rowOf(IDS[1])],
      "stdio-12.sock": [rowOf(IDS[2])],
    });

    expect(await command("bbbb")).toMatchObject({ code: 0, printed: "applied: a\n" });
    expect(await command("aaaa1", { decline: true })).toMatchObject({ code: 0 });
    expect(decided).toEqual([
      ["stdio-12.sock", IDS[2], true],
      ["control.sock", IDS[1], false],
    ]);
  });

  test.each([
    ["aaaa", "Several ids begin with this. Give more of the id.\n"],
    ["cccc", "No write with this id waits here.\n"],
  ])("decides nothing by %s", async (id, errors) => {
    const { decided, command } = await begin({ "control.sock": [rowOf(IDS[0]), rowOf(IDS[1])] });

    expect(await command(id)).toMatchObject({ code: 1, errors });
    expect(decided).toEqual([]);
  });

  const REFUSED = `${JSON.stringify({ error: "too late" })}\n`;
  test.each([
    { what: "may be approved", where: "ends before it answers", answer: "", decline: false },
    { what: "was not approved", where: "refuses", answer: REFUSED, decline: false },
    { what: "was not declined", where: "ends before it answers", answer: "", decline: true },
  ])("says that a write $what where the process $where", async ({ what, answer, decline }) => {
    const { decided, state, command } = await begin({ "control.sock": [] });
    let asked = 0;
    const server = createServer((socket) => {
      socket.once("data", () => {
        asked += 1;
        socket.end(asked === 1 ? `${JSON.stringify({ ok: [rowOf(IDS[0])] })}\n` : answer);
      });
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => {
      server.listen(join(state, "stdio-12.sock"), resolve);
    });

    const { code, errors } = await command("aaaa", { decline });

    expect(code).toBe(1);
    expect(errors.includes("may be approved all the same")).toBe(what === "may be approved");
    expect(decided).toEqual([]);
  });

  test("prints no character that could fool a terminal or its reader", async () => {
    const evil = "\u001b[2Jsensor\u202e\u{e0041}";
    const { command } = await begin({
      "control.sock": [rowOf(IDS[0], { record: evil, value: evil, principal: evil })],
    });

    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    expect((await command()).printed).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test("passes over what is no process of ours, and what has ended", async () => {
    const { state, command } = await begin({ "control.sock": [] });
    await writeFile(join(state, "stdio-13.sock"), "");
    await mkdir(join(state, "other.sock"));

    expect(await command()).toMatchObject({
      code: 0,
      printed: "No write waits for an approval.\n",
    });
  });

  test("says that nothing runs here", async () => {
    const { command } = await begin({});

    expect(await command()).toMatchObject({
      code: 1,
      errors: expect.stringContaining("No relay answers at"),
    });
  });
});
