import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { confirm } from "../../../relay/commands/confirm.ts";
import { stdio } from "../../../relay/commands/stdio.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";
import { until } from "../support/until.ts";
import { writeConfig } from "../support/device/write-config.ts";

const OPEN = 'writable_records = ["*"]\n';
const FORM = { elicitation: {} };

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
  readonly params?: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- likewise
  readonly result?: any;
}

/** A client by hand, beside one host whose device file asks for confirmations. */
async function begin(toml = "") {
  const folder = await freshFolder();
  const { configPath, sockets } = await writeConfig(folder, OPEN + toml);
  const records = [latest("a", { initial: { n: 1 } })];
  const socketPath = join(sockets, "boiler.sock");
  const host = await startHost({ aimx: "3.0", records, socketPath });
  const environment = new TestEnvironment({ homeFolder: folder });
  const received: Message[] = [];
  let rest = "";
  environment.stdout.on("data", (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split("\n");
    rest = lines.pop() ?? "";
    received.push(...lines.map((line) => JSON.parse(line) as Message));
  });
  const ended = stdio(configPath, environment);
  onTestFinished(async () => {
    environment.stopping.abort();
    await ended.catch(() => {});
  });
  const send = (message: object) => {
    environment.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  };
  const next = async (what: string, fits: (message: Message) => boolean) => {
    await until(what, () => received.some(fits));
    const [message] = received.splice(received.findIndex(fits), 1);
    if (message === undefined) throw new Error(`No ${what}`);
    return message;
  };
  const answerTo = async (id: number) => (await next(`answer to ${id}`, (m) => m.id === id)).result;
  const sets = () => host.requestCounts.get("record.set") ?? 0;
  const command = async (id?: string, decline = false) => {
    const asking = new TestEnvironment({ homeFolder: folder });
    const code = await confirm({ id, decline, json: false }, asking);
    return { code, printed: asking.printed, errors: asking.printedError };
  };
  return { folder, environment, ended, send, next, answerTo, sets, command };
}

function greet(capabilities: object): object {
  const clientInfo = { name: "test", version: "1" };
  const params = { protocolVersion: "2025-06-18", capabilities, clientInfo };
  return { id: 0, method: "initialize", params };
}

function set(id: number, n: number, meta?: object, more: object = {}): object {
  const args = { record_name: "a", instance: "local/boiler", value: { n } };
  const params = { name: "set_record", arguments: args, ...more };
  return {
    id,
    method: "tools/call",
    params: meta === undefined ? params : { ...params, _meta: meta },
  };
}

function outcomeOf(id: number, call_id: string): object {
  return {
    id,
    method: "tools/call",
    params: { name: "get_write_outcome", arguments: { call_id } },
  };
}

describe("stdio to a client of 2025 that asks its person", () => {
  test.each([
    { said: { action: "accept", content: { confirm: true } }, sets: 1, outcome: "applied" },
    { said: { action: "accept", content: { confirm: false } }, sets: 0, outcome: "refused" },
    { said: { action: "decline" }, sets: 0, outcome: "refused" },
    { said: { action: "cancel" }, sets: 0, outcome: "refused" },
  ])("writes what $said.action $said.content makes of it: $outcome", async (row) => {
    const { send, next, answerTo, sets } = await begin();
    send(greet(FORM));
    await answerTo(0);
    send(set(1, 2));

    const question = await next("question", ({ method }) => method === "elicitation/create");
    expect(question.params.message).toContain('Write {"n":2} to the record "a"');
    expect(sets()).toBe(0);
    send({ id: question.id, result: row.said });

    expect((await answerTo(1)).structuredContent).toMatchObject({ outcome: row.outcome });
    expect(sets()).toBe(row.sets);
  });
});

describe("stdio to a client of 2026 that asks its person", () => {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
  };

  test("asks by the result, and writes once on the answer", async () => {
    const { send, answerTo, sets } = await begin();
    send(set(1, 2, meta));
    const asked = await answerTo(1);
    expect(asked.resultType).toBe("input_required");
    expect(sets()).toBe(0);

    const inputResponses = { confirm: { action: "accept", content: { confirm: true } } };
    const yes = { requestState: asked.requestState, inputResponses };
    send(set(2, 2, meta, yes));
    const first = await answerTo(2);
    send(set(3, 2, meta, yes));

    expect(first.structuredContent).toMatchObject({ outcome: "applied" });
    expect((await answerTo(3)).structuredContent.call_id).toBe(first.structuredContent.call_id);
    expect(sets()).toBe(1);
  });
});

describe("stdio to a client that can't ask", () => {
  async function refused(toml = "", capabilities: object = {}) {
    const begun = await begin(toml);
    begun.send(greet(capabilities));
    begun.send(set(1, 2));
    const { isError, structuredContent: json } = await begun.answerTo(1);
    return { ...begun, isError, json };
  }

  test("refuses, with both ways to make it possible", async () => {
    const { isError, json, sets } = await refused();

    expect(isError).toBe(true);
    expect(json).toMatchObject({ success: false, changed: false });
    expect(json.error).toMatchObject({
      code: "confirmation_required",
      message: expect.stringMatching(/aimdb-relay confirm [0-9a-f]{32}\. .*confirm_writes = false/),
    });
    expect(sets()).toBe(0);
  });

  test("writes what the operator confirms, which its client can look up", async () => {
    const { json, send, answerTo, command, sets } = await refused();
    const id = json.call_id.replace("local.", "");

    const listed = await command();
    const confirmed = await command(id.slice(0, 8));
    const again = await command(id);
    send(outcomeOf(2, json.call_id));

    expect(listed.printed).toContain(`${id.slice(0, 8)}  boiler a: {"n":1} -> {"n":2}`);
    expect(confirmed).toMatchObject({ code: 0, printed: "applied: a\n" });
    expect(again).toMatchObject({ code: 1, errors: "No write with this id waits here.\n" });
    expect((await answerTo(2)).structuredContent).toMatchObject({ outcome: "applied" });
    expect(sets()).toBe(1);
  });

  test("writes nothing that the operator declines", async () => {
    const { json, send, answerTo, command, sets } = await refused();

    expect(await command(json.call_id.replace("local.", ""), true)).toMatchObject({ code: 0 });
    send(outcomeOf(2, json.call_id));

    expect((await answerTo(2)).structuredContent).toMatchObject({ outcome: "refused" });
    expect(sets()).toBe(0);
  });

  test("has one question for one write, however often it is asked for", async () => {
    const { json, send, answerTo, command } = await refused();
    send(set(2, 2));

    expect((await answerTo(2)).structuredContent.call_id).toBe(json.call_id);
    expect((await command()).printed.match(/->/g)).toHaveLength(1);
  });

  test("is what a client that can ask is too, where the device file says local", async () => {
    const { isError, json, command, sets } = await refused('confirm_writes = "local"\n', FORM);

    expect(isError).toBe(true);
    expect(json.error.code).toBe("confirmation_required");
    expect(await command(json.call_id.replace("local.", ""))).toMatchObject({ code: 0 });
    expect(sets()).toBe(1);
  });

  test("leaves no socket behind", async () => {
    const { folder, environment, ended } = await refused();
    const state = join(folder, ".local/state/aimdb-relay");
    expect(await readdir(state)).toContain(`stdio-${process.pid}.sock`);

    environment.stopping.abort();
    await ended;

    expect(await readdir(state)).not.toContain(`stdio-${process.pid}.sock`);
  });
});

test("stdio writes at once where the device file asks for no confirmation", async () => {
  const { send, answerTo, sets } = await begin("confirm_writes = false\n");
  send(greet({}));
  send(set(1, 2));

  expect((await answerTo(1)).structuredContent).toMatchObject({ outcome: "applied" });
  expect(sets()).toBe(1);
});
