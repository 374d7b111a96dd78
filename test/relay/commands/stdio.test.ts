import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { stdio } from "../../../relay/commands/stdio.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, ring, startHost } from "../support/host-side/host.ts";
import { writeConfig } from "../support/device/write-config.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";
import { until } from "../support/until.ts";

const RECORDS = [latest("a", { initial: { n: 1 } }), ring("r")];

interface Answer {
  readonly id: number;
  readonly result?: Record<string, unknown> & { structuredContent?: Record<string, unknown> };
  readonly error?: { readonly code: number };
}

interface Note {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

const URI = "aimdb://local/boiler/record/r";

/** A client that writes and reads lines by hand, beside one host. */
async function begin(toml = "") {
  const folder = await freshFolder();
  const { configPath, sockets } = await writeConfig(folder, toml);
  const host = await startHost({
    aimx: "3.0",
    records: RECORDS,
    socketPath: join(sockets, "boiler.sock"),
  });
  const environment = new TestEnvironment({ homeFolder: folder });
  const answers: Answer[] = [];
  const notes: Note[] = [];
  let rest = "";
  environment.stdout.on("data", (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split("\n");
    rest = lines.pop() ?? "";
    for (const message of lines.map((line) => JSON.parse(line) as Answer | Note)) {
      if ("method" in message) notes.push(message);
      else answers.push(message);
    }
  });
  const ended = stdio(configPath, environment);
  onTestFinished(async () => {
    environment.stopping.abort();
    await ended.catch(() => {});
  });
  const send = (message: object) => {
    environment.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  };
  const answerTo = async (id: number) => {
    await until(`the answer to ${id}`, () => answers.some((answer) => answer.id === id));
    return answers.find((answer) => answer.id === id)?.result;
  };
  const updatedIn = () =>
    notes.flatMap(({ method, params }) =>
      method === "notifications/resources/updated" ? [params] : [],
    );
  return { folder, host, environment, ended, answers, notes, send, answerTo, updatedIn };
}

const INITIALIZE = {
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  },
};

function call(id: number, name: string, args: Record<string, unknown> = {}): object {
  return { id, method: "tools/call", params: { name, arguments: args } };
}

/** The same of the 2026 revision, which needs no greeting. */
function modernCall(id: number, name: string, args: Record<string, unknown> = {}) {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return { id, method: "tools/call", params: { name, arguments: args, _meta } };
}

describe("stdio", () => {
  test("lists its tools without a look at any socket", async () => {
    const { host, send, answerTo } = await begin();
    send(INITIALIZE);
    send({ id: 1, method: "tools/list" });

    const list = await answerTo(1);

    expect(list?.["tools"]).toContainEqual(expect.objectContaining({ name: "get_record" }));
    expect(host.connectionCount).toBe(0);
  });

  test("answers a tool call from the host's socket", async () => {
    const { send, answerTo } = await begin();
    send(INITIALIZE);
    send(call(1, "get_record", { record_name: "a", instance: "local/boiler" }));

    expect((await answerTo(1))?.structuredContent).toMatchObject({
      instance: "local/boiler",
      value: { n: 1 },
    });
  });

  test("answers the 2026 revision too", async () => {
    const { send, answerTo } = await begin();
    send(modernCall(1, "get_record", { record_name: "a" }));

    expect((await answerTo(1))?.structuredContent).toMatchObject({ value: { n: 1 } });
  });

  test("tells a 2025 client of a resource that it subscribed to", async () => {
    const { host, send, answerTo, updatedIn } = await begin();
    send(INITIALIZE);
    send({ id: 1, method: "resources/subscribe", params: { uri: URI } });
    await answerTo(1);

    host.produce("r", { n: 1 });

    await until("the notification", () => updatedIn().length > 0);
    expect(updatedIn()).toMatchObject([{ uri: URI }]);
  });

  test("tells a 2026 client of the resources that it listens to, under its id", async () => {
    const { host, send, notes, updatedIn } = await begin();
    const notifications = { resourceSubscriptions: [URI, "aimdb://local/boiler/record/none"] };
    const { params } = modernCall(0, "");
    send({
      id: 7,
      method: "subscriptions/listen",
      params: { _meta: params._meta, notifications },
    });
    await until("the acknowledgement", () => notes.length > 0);
    host.produce("r", { n: 1 });
    await until("the notification", () => updatedIn().length > 0);

    expect(notes[0]).toMatchObject({
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: { resourceSubscriptions: [URI] } },
    });
    expect(updatedIn()).toMatchObject([
      { uri: URI, _meta: { "io.modelcontextprotocol/subscriptionId": 7 } },
    ]);
  });

  test("answers what it was asked before its input ended, then ends with 0", async () => {
    const { environment, host, ended, answers, send } = await begin();
    send(INITIALIZE);
    send(call(1, "get_record", { record_name: "a" }));
    send(call(2, "discover_instances"));
    environment.stdin.end();

    expect(await ended).toBe(0);

    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([0, 1, 2]));
    await until("the host is left", () => host.connectionCount === 0);
  });

  test("answers a wait for samples with what is there when it is told to stop, with 0", async () => {
    const { environment, ended, send, answerTo } = await begin();
    send(INITIALIZE);
    send(call(1, "get_record", { record_name: "a" }));
    await answerTo(1);
    send(call(2, "subscribe_record", { record_name: "r", duration_seconds: 20 }));

    // Messages are taken in order.
    send({ id: 3, method: "ping" });
    await answerTo(3);

    environment.stopping.abort();

    expect(await ended).toBe(0);
    expect((await answerTo(2))?.structuredContent).toMatchObject({
      record_name: "r",
      events: [],
      complete: false,
    });
  });

  test("ends with 0 when nobody reads any more", async () => {
    const { environment, ended, send, answerTo } = await begin();
    send(INITIALIZE);
    await answerTo(0);

    environment.stdout.destroy(new Error("EPIPE"));

    expect(await ended).toBe(0);
  });

  test("ends with 0 when it is told to stop before it began", async () => {
    const { configPath } = await writeConfig(await freshFolder());
    const environment = new TestEnvironment({ homeFolder: await freshFolder() });
    environment.stopping.abort();

    expect(await stdio(configPath, environment)).toBe(0);
  });

  test("keeps the device file's rate and hides what it hides", async () => {
    const { send, answerTo } = await begin('rate_limit = 2\nhidden_records = ["a"]\n');
    send(INITIALIZE);
    for (const id of [1, 2, 3]) {
      send(call(id, "get_record", { record_name: "a", instance: "local/boiler" }));
      await answerTo(id);
    }

    expect((await answerTo(1))?.structuredContent).toMatchObject({
      error: { code: "unknown_record" },
    });
    expect((await answerTo(3))?.structuredContent).toMatchObject({
      error: { code: "rate_limited" },
    });
  });

  test("writes the audit log that the device file names", async () => {
    const path = join(await freshFolder(), "audit.log");
    const { environment, ended, send } = await begin(`audit_log = "${path}"\n`);
    send(INITIALIZE);
    send(call(1, "get_record", { record_name: "a", instance: "local/boiler" }));
    environment.stdin.end();
    await ended;

    const [line = ""] = (await readFile(path, "utf8")).split("\n");
    expect(JSON.parse(line)).toMatchObject({
      principal: "local",
      instance: "boiler",
      method: "record.get",
      record: "a",
      outcome: "ok",
    });
  });

  test("logs that it started, and nothing of a line that is no message", async () => {
    const { environment, send, answerTo } = await begin();
    environment.stdin.write('nonsense\n{"nonsense":1}\n');
    send(INITIALIZE);
    await answerTo(0);

    expect(environment.log.of("stdio_start")).toHaveLength(1);
    expect(environment.log.of("mcp_error")).toHaveLength(1);
    expect(JSON.stringify(environment.log.entries)).not.toContain("nonsense");
    expect(environment.printed).toBe("");
  });
});

describe("stdio does not begin", () => {
  test("where the configuration is wrong, and ends with 78", async () => {
    const { configPath } = await writeConfig(await freshFolder(), "nope = 1\n");
    const environment = new TestEnvironment({ homeFolder: await freshFolder() });

    expect(await stdio(configPath, environment)).toBe(78);
    expect(environment.printedError).toBe(`${configPath}: nope: unknown key\n`);
  });

  test("where the audit log can't be opened", async () => {
    const toml = 'audit_log = "/nowhere/a.log"\n';
    const { configPath } = await writeConfig(await freshFolder(), toml);
    const environment = new TestEnvironment({ homeFolder: await freshFolder() });

    await expect(stdio(configPath, environment)).rejects.toThrow("/nowhere/a.log");
  });
});
