import { afterEach, expect, test } from "vitest";
import { getResult } from "../../../support/link/link-samples.ts";
import { announced } from "../../support/builders.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { enrollDevice } from "../../support/device.ts";
import { modernBody, modernHeaders, postMcp } from "../../support/mcp.ts";
import { ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam } from "../../support/team.ts";

afterEach(cleanUp);

/** A field that MCP lets a client add, and that only the SDK's way takes. */
const NOT_PLAIN = { "example.com/note": "x" };

async function shownOf(response: Response): Promise<string> {
  const body = (await response.text())
    .replaceAll(/"age_ms":\d+|\\"age_ms\\":\d+/g, "AGE")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
  return JSON.stringify([response.status, [...response.headers], body]);
}

const CASES = [
  { what: "a reading", name: "get_record", args: { record_name: "t", instance: "gw/plant" } },
  { what: "no instance named", name: "get_record", args: { record_name: "t" } },
  { what: "the fleet", name: "discover_instances", args: {} },
  { what: "no arguments", name: "discover_instances", args: undefined },
  { what: "wrong arguments", name: "get_record", args: { record_name: 7 } },
  { what: "arguments that are no object", name: "get_record", args: [1] },
  { what: "a dangerous key", name: "get_record", args: { constructor: 1, record_name: "t" } },
  {
    what: "a prototype",
    name: "get_record",
    args: JSON.parse('{"__proto__":1,"record_name":"t"}'),
  },
  { what: "an unknown instance", name: "get_record", args: { record_name: "t", instance: "x/y" } },
  { what: "an unknown tool", name: "get_nothing", args: {} },
  { what: "a tool that writes", name: "set_record", args: { record_name: "t", value: 1 } },
];

async function begin(): Promise<string> {
  const team = await createTeam();
  const relay = await ScriptedRelay.connect(await enrollDevice(team, "gw"), [
    announced({ name: "plant" }),
  ]);
  relay.script = () => getResult({ value: { text: "größe", n: 1.5 } });
  return team.accessToken();
}

test.each(CASES)("a plain call is answered as the SDK would: $what", async ({ name, args }) => {
  const token = await begin();
  const ask = async (meta: object) => {
    const body = modernBody("tools/call", { name, arguments: args }, { ...meta });
    return shownOf(await postMcp(token, body, modernHeaders("tools/call", name)));
  };

  expect(await ask({})).toBe(await ask(NOT_PLAIN));
});

/** A header that only a client of a session sends, and that only the SDK's way takes. */
const NOT_PLAIN_2025 = { "mcp-session-id": "none" };

const VERSIONS_2025 = ["2025-11-25", "2025-06-18", "2025-03-26", null];
const METAS_2025 = [
  undefined,
  {},
  { "claudecode/toolUseId": "toolu_1", traceparent: "00-1" },
  { progressToken: 0 },
  { progressToken: "a" },
  { progressToken: null },
];

test.each(CASES)("a plain call of 2025 is answered as the SDK would: $what", async (asked) => {
  const token = await begin();
  const { name, args } = asked;
  const ask = async (headers: Record<string, string | null>, _meta: object | undefined) => {
    const params = { name, arguments: args, _meta };
    return shownOf(
      await postMcp(token, { jsonrpc: "2.0", id: "q", method: "tools/call", params }, headers),
    );
  };

  for (const version of VERSIONS_2025) {
    for (const meta of METAS_2025) {
      const headers = { "mcp-protocol-version": version };
      expect(await ask(headers, meta)).toBe(await ask({ ...headers, ...NOT_PLAIN_2025 }, meta));
    }
  }
});

test.each([
  ["subscribe_record", "text/event-stream"],
  ["get_record", "application/json"],
])("a call of 2025 that asks for progress of %s is answered as %s", async (name, type) => {
  const token = await begin();
  const args = { record_name: "t", instance: "x/y" };
  const params = { name, arguments: args, _meta: { progressToken: 1 } };
  const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };

  expect((await postMcp(token, body)).headers.get("content-type")).toBe(type);
});

const REFUSED_2025 = [
  { what: "a version that is none", headers: { "mcp-protocol-version": "2025-01-01" } },
  { what: "no readiness for a stream", headers: { accept: "application/json" } },
  { what: "another media type", headers: { "content-type": "text/plain" } },
];

test.each(REFUSED_2025)("a call of 2025 with $what is refused", async ({ headers }) => {
  const token = await (await createTeam()).accessToken();
  const params = { name: "discover_instances", arguments: {} };
  const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };

  expect((await postMcp(token, body, headers)).status).toBeGreaterThanOrEqual(400);
});

const META = "io.modelcontextprotocol/";
const NAMED = { name: "c", version: "1" };
const REFUSED = [
  { what: "another name in the header", headers: { "mcp-name": "list_records" } },
  { what: "no name in the header", headers: { "mcp-name": null } },
  { what: "another method in the header", headers: { "mcp-method": "tools/list" } },
  { what: "another version in the header", headers: { "mcp-protocol-version": "2025-11-25" } },
  { what: "another media type", headers: { "content-type": "text/plain" } },
  { what: "another version in the envelope", meta: { [`${META}protocolVersion`]: "2027-01-01" } },
  { what: "capabilities that are none", meta: { [`${META}clientCapabilities`]: 7 } },
  { what: "a client that is none", meta: { [`${META}clientInfo`]: { name: 1 } } },
  {
    what: "a client's title that is none",
    meta: { [`${META}clientInfo`]: { ...NAMED, title: 1 } },
  },
];

test.each(REFUSED)("a call with $what is refused", async ({ headers = {}, meta = {} }) => {
  const token = await (await createTeam()).accessToken();
  const body = modernBody("tools/call", { name: "discover_instances", arguments: {} }, meta);
  const all = { ...modernHeaders("tools/call", "discover_instances"), ...headers };

  expect((await postMcp(token, body, all)).status).toBeGreaterThanOrEqual(400);
});
