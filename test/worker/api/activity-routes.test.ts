/** Who sees what of the team's log. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../worker/access/role.ts";
import { getResult } from "../../support/link/link-samples.ts";
import { announced } from "../support/builders.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { callTool, modernBody, modernHeaders, postMcp, postMcpUnder } from "../support/mcp.ts";
import { inObject } from "../support/objects.ts";
import { addToTeam, createPerson, signedIn } from "../support/person.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, fetchWorker, sendApi } from "../support/worker.ts";

afterEach(cleanUp);
afterEach(() => reset());

interface Row {
  readonly principal: string;
  readonly action: string;
  readonly target: string | null;
  readonly instances: readonly string[];
  readonly outcome: string;
  readonly call_id: string;
}

async function activityOf(
  team: string,
  query = "",
  headers: Record<string, string> = bearer(ADMIN_TOKEN),
): Promise<Row[]> {
  const response = await fetchWorker(`/api/v1/activity?team=${team}${query}`, { headers });
  expect(response.status).toBe(200);
  return (await response.json<{ activity: Row[] }>()).activity;
}

async function plant() {
  const team = await createTeam();
  const relay = await ScriptedRelay.connect(await enrollDevice(team), [announced({})], {
    features: ["samples.watch"],
  });
  const ids: string[] = [];
  relay.script = ({ id }) => {
    ids.push(id);
    return getResult();
  };
  return { team, ids };
}

async function cookieOf(team: TestTeam, role: Role): Promise<Record<string, string>> {
  const person = await createPerson(role);
  await addToTeam(person, team.id, role);
  return { cookie: `session=${(await signedIn(person)).cookie("session")}` };
}

const READ = { instance: "gw-1/plant", record_name: "sensor.temp" };

describe("a tool call", () => {
  test("is in the log with who, where, its outcome and the id that its device has", async () => {
    const { team, ids } = await plant();
    const token = await team.accessToken();
    await callTool(token, "get_record", READ);
    await callTool(token, "get_record", { ...READ, instance: "gw-9/none" });

    await expect
      .poll(() => activityOf(team.id, "&action=tool.get_record"), { timeout: 5_000 })
      .toHaveLength(2);
    const [refused, read] = await activityOf(team.id, "&action=tool.get_record");
    expect(read).toMatchObject({ target: "gw-1/plant", record: "sensor.temp", outcome: "ok" });
    expect(ids[0]?.startsWith(read?.call_id ?? "none")).toBe(true);
    expect(refused).toMatchObject({ target: "gw-9/none", outcome: "unknown_instance" });
  });
});

describe("a change", () => {
  test("is in the log with who made it, once it is made, and never with its secret", async () => {
    const team = await createTeam();
    const secret = await team.joinToken();

    const rows = await activityOf(team.id);
    expect(rows.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["join_token.create", "done"],
      ["write_policy.replace", "done"],
      ["team.create", "done"],
    ]);
    expect(rows[0]).toMatchObject({ principal: "operator", target: expect.any(String) });
    const exported = await fetchWorker(`/api/v1/activity/export?team=${team.id}`, {
      headers: bearer(ADMIN_TOKEN),
    });
    const text = await exported.text();
    expect(exported.headers.get("content-type")).toBe("application/x-ndjson");
    expect(text.trim().split("\n")).toHaveLength(5);
    expect(text).not.toContain(secret.slice(-40));
  });
});

describe("a filter that can't be meant", () => {
  test.each([
    ["since=yesterday", "since: has the wrong form; write it like 2026-11-01T00:00:00Z"],
    ["until=2026-11-01", "until: has the wrong form; write it like 2026-12-01T00:00:00Z"],
    ["limit=ten", "limit: has the wrong form; write it like 50"],
    ["before=-1", "before: has the wrong form; write it like 1234"],
    ["action=", "action: must be at least 1 characters long"],
  ])("is refused with its name and a good one: %s", async (query, problem) => {
    const response = await sendApi(`activity?${query}`, "GET");

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { code: "invalid_input", message: `Invalid query. ${problem}.` },
    });
  });
});

describe("in the log", () => {
  test("a viewer sees their own entries, an operator all, another team none", async () => {
    const { team } = await plant();
    await callTool(await team.accessToken(), "get_record", READ);
    await expect
      .poll(() => activityOf(team.id, "&action=tool.get_record"), { timeout: 5_000 })
      .toHaveLength(1);
    const [row] = await activityOf(team.id, "&action=tool.get_record");
    const viewer = await cookieOf(team, "viewer");
    const operator = await cookieOf(team, "operator");

    expect(await activityOf(team.id, "", viewer)).toEqual([]);
    expect(await activityOf(team.id, `&principal=${row?.principal}`, viewer)).toEqual([]);
    expect((await activityOf(team.id, "", operator)).length).toBeGreaterThan(1);

    const eve = await cookieOf(await createTeam("other"), "owner");
    const ask = (id: string) =>
      fetchWorker(`/api/v1/activity?team=${id}`, { headers: eve }).then((answer) => answer.text());
    expect(await ask(team.id)).toBe(await ask("0".repeat(64)));
  });
});

describe("where a call went", () => {
  test("is recorded even if the caller named nothing, and can be searched for", async () => {
    const { team } = await plant();
    await callTool(await team.accessToken(), "get_record", { record_name: "sensor.temp" });
    await expect
      .poll(() => activityOf(team.id, "&action=tool.get_record"), { timeout: 5_000 })
      .toHaveLength(1);

    expect(await activityOf(team.id, "&target=gw-1/plant")).toMatchObject([
      { action: "tool.get_record", target: "gw-1/plant" },
    ]);
  });

  test("is a list if it went to several, and each of them finds it", async () => {
    const { team } = await plant();
    const second = await ScriptedRelay.connect(await enrollDevice(team, "gw-2"), [announced({})]);
    second.script = () => getResult();
    await callTool(await team.accessToken(), "get_record", { record_name: "sensor.temp" });
    await expect
      .poll(() => activityOf(team.id, "&action=tool.get_record"), { timeout: 5_000 })
      .toHaveLength(1);

    const [line] = await activityOf(team.id, "&target=gw-2&outcome=ok");
    expect(line).toMatchObject({ target: null, instances: ["gw-1/plant", "gw-2/plant"] });
    expect(await activityOf(team.id, "&target=gw-2/plant&outcome=ok")).toEqual([line]);
    expect(await activityOf(team.id, "&target=gw-2/pla&outcome=ok")).toEqual([]);
  });
});

describe("a client that lacks the scope", () => {
  test("leaves a line, although no tool was called", async () => {
    const { team } = await plant();
    await callTool(await team.accessToken(["aimdb:read"]), "set_record", { ...READ, value: 1 });

    await expect
      .poll(() => activityOf(team.id, "&outcome=insufficient_scope"), { timeout: 5_000 })
      .toMatchObject([{ action: "tool.set_record", target: "gw-1/plant" }]);
  });
});

describe("a caller that asks too often", () => {
  test("leaves a line for what was refused", async () => {
    const { team } = await plant();
    const token = await team.accessToken();
    const params = { name: "get_record", arguments: READ };
    const call = { jsonrpc: "2.0", id: 7, method: "tools/call", params };
    const ask = () => postMcpUnder({ CALLS_PER_MINUTE: "1" }, token, call);
    await ask();
    expect((await ask()).status).toBe(429);

    await expect
      .poll(() => activityOf(team.id, "&outcome=rate_limited"), { timeout: 5_000 })
      .toMatchObject([{ action: "tool.get_record", target: "gw-1/plant" }]);
  });
});

/** Another way to read than a tool, under the caller's token. */
const WAYS: readonly (readonly [string, (token: string) => Promise<Response>, object])[] = [
  [
    "a resource",
    (token) => ask(token, "resources/read", { uri: "aimdb://gw-1/plant/record/sensor.temp" }),
    { action: "resource.read", target: "gw-1/plant", record: "sensor.temp", outcome: "ok" },
  ],
  [
    "a list of resources",
    (token) => ask(token, "resources/list", {}),
    { action: "resource.list", target: null, outcome: "ok" },
  ],
  [
    "a completion",
    (token) =>
      ask(token, "completion/complete", {
        ref: { type: "ref/prompt", name: "debug_record" },
        argument: { name: "record_name", value: "sen" },
        context: { arguments: { instance: "gw-1/plant" } },
      }),
    { action: "completion", target: "gw-1/plant", outcome: "ok" },
  ],
  [
    "a stream of changes",
    async (token) => {
      const response = await listen(token, "aimdb://gw-1/plant/record/sensor.temp");
      if (!response.ok) return response;
      await response.body?.cancel();
      return new Response(null);
    },
    { action: "resource.listen", target: "gw-1/plant", record: "sensor.temp", outcome: "ok" },
  ],
  [
    "a prompt",
    (token) =>
      ask(token, "prompts/get", {
        name: "debug_record",
        arguments: { record_name: "sensor.temp", instance: "gw-1/plant" },
      }),
    { action: "prompt.debug_record", target: "gw-1/plant", record: "sensor.temp", outcome: "ok" },
  ],
  [
    "an event stream",
    async (token) => {
      const query = "presence=false&record=gw-1%2Fplant%2Fsensor.temp";
      const response = await fetchWorker(`/api/v1/events?${query}`, { headers: bearer(token) });
      if (!response.ok) return response;
      await response.body?.cancel();
      return new Response(null);
    },
    { action: "events.open", target: "gw-1/plant", record: "sensor.temp", outcome: "ok" },
  ],
];

function listen(token: string, uri: string): Promise<Response> {
  const method = "subscriptions/listen";
  const body = modernBody(method, { notifications: { resourceSubscriptions: [uri] } });
  return postMcp(token, body, modernHeaders(method));
}

function ask(token: string, method: string, params: object): Promise<Response> {
  return postMcp(token, { jsonrpc: "2.0", id: 7, method, params });
}

describe.each(WAYS)("%s that is read", (_what, read, line) => {
  test("is in the log", async () => {
    const { team } = await plant();
    expect((await read(await team.accessToken())).status).toBe(200);

    await expect
      .poll(() => activityOf(team.id), { timeout: 5_000 })
      .toContainEqual(expect.objectContaining(line));
  });

  test("with audit_reads strict is there before the answer, and not answered without", async () => {
    const { team } = await plant();
    const change = { team: team.id, audit_reads: "strict" };
    expect((await sendApi("settings", "PUT", change)).status).toBe(200);
    const token = await team.accessToken();
    await read(token);
    expect(await activityOf(team.id)).toContainEqual(expect.objectContaining(line));

    await fillDisk(team.id);
    expect(await (await read(token)).text()).toContain("audit_unavailable");
  });
});

test("an event stream's line has the id that its questions at the device begin with", async () => {
  const { team, ids } = await plant();
  const query = "presence=false&record=gw-1%2Fplant%2Fsensor.temp";
  const headers = bearer(await team.accessToken());
  const stream = (await fetchWorker(`/api/v1/events?${query}`, { headers })).body?.getReader();
  await stream?.read();
  const more = stream?.read();
  await expect.poll(() => ids.length).toBeGreaterThan(0);
  await stream?.cancel();
  await more;

  await expect
    .poll(() => activityOf(team.id, "&action=events.open"), { timeout: 5_000 })
    .toMatchObject([{ call_id: ids[0]?.slice(0, 16) }]);
});

test("a resource that can't be read leaves the reason", async () => {
  const { team } = await plant();
  await ask(await team.accessToken(), "resources/read", { uri: "aimdb://gw-9/plant/records" });

  await expect
    .poll(() => activityOf(team.id, "&action=resource.read"), { timeout: 5_000 })
    .toMatchObject([{ outcome: "unknown_instance" }]);
});

async function fillDisk(team: string): Promise<void> {
  await inObject("TEAM", team, ({ storage: { sql } }) => {
    sql.exec(
      "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END",
    );
  });
}

describe("with audit_reads strict", () => {
  async function strict() {
    const { team, ids } = await plant();
    const token = await team.accessToken();
    const read = () => callTool(token, "get_record", READ);
    await read();
    const change = { team: team.id, audit_reads: "strict" };
    expect((await sendApi("settings", "PUT", change)).status).toBe(200);
    return { team, ids, read };
  }

  test("a read is answered once its line is stored, even for a principal admitted before", async () => {
    const { team, read } = await strict();
    const before = (await activityOf(team.id, "&action=tool.get_record")).length;
    expect((await read()).isError).toBe(false);

    expect((await activityOf(team.id, "&action=tool.get_record")).length).toBe(before + 1);
  });

  test("a read whose line can't be stored is not answered", async () => {
    const { team, read } = await strict();
    await fillDisk(team.id);
    const { isError, json } = await read();

    expect(isError).toBe(true);
    expect(json.error.code).toBe("audit_unavailable");
    expect(JSON.stringify(json)).not.toContain("21.5");
  });
});

describe("/settings", () => {
  test("keeps what a change does not name", async () => {
    const { id } = await createTeam();
    const put = async (change: object) => {
      const response = await sendApi("settings", "PUT", { team: id, ...change });
      return [response.status, await response.json()];
    };

    expect(await put({ retention_days: 7 })).toEqual([
      200,
      { retention_days: 7, audit_reads: "batched" },
    ]);
    expect(await put({ audit_reads: "strict" })).toEqual([
      200,
      { retention_days: 7, audit_reads: "strict" },
    ]);
    expect((await put({ retention_days: 0 }))[0]).toBe(400);
    expect((await put({ audit_reads: "never" }))[0]).toBe(400);
  });
});
