import { afterEach, describe, expect, test } from "vitest";
import { getResult, readResult } from "../../../support/link/link-samples.ts";
import { announced } from "../../support/builders.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { enrollDevice } from "../../support/device.ts";
import { callTool, modernBody, modernHeaders, postMcp } from "../../support/mcp.ts";
import { ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam } from "../../support/team.ts";

afterEach(cleanUp);

const RECORD = { record_name: "sensor.temp" };

/** Two teams with a relay each: the stranger's token, and what the owner's relay was sent. */
async function twoTeams() {
  const owner = await createTeam("owner");
  const relay = await ScriptedRelay.connect(await enrollDevice(owner, "gw-a"), [
    announced({ name: "secret", socket_path: "/tmp/a-secret.sock" }),
  ]);
  const stranger = await createTeam("stranger");
  await ScriptedRelay.connect(await enrollDevice(stranger, "own"), [
    announced({ name: "own", records: [{ key: "other", type_name: "Other" }] }),
    announced({ name: "too", records: [{ key: "other", type_name: "Other" }] }),
  ]);
  return { owner, relay, token: await stranger.accessToken(["aimdb:write"]) };
}

const ADDRESSES = [
  { by: "id", foreign: { instance: "gw-a/secret" }, missing: { instance: "gw-x/secret" } },
  { by: "relay", foreign: { instance: "gw-a/*" }, missing: { instance: "gw-x/*" } },
  { by: "name", foreign: { instance: "secret" }, missing: { instance: "absent" } },
  {
    by: "socket",
    foreign: { socket: "/tmp/a-secret.sock" },
    missing: { socket: "/tmp/x-absent.sock" },
  },
  { by: "record", foreign: RECORD, missing: { record_name: "absent.temp" } },
];

const TOOLS = [
  { tool: "list_records", args: {} },
  { tool: "get_record", args: RECORD },
  { tool: "set_record", args: { ...RECORD, value: 1 } },
  { tool: "subscribe_record", args: RECORD },
];

const CASES = TOOLS.flatMap(({ tool, args }) =>
  ADDRESSES.filter(({ by }) => by !== "record" || tool !== "list_records").map((address) => ({
    tool,
    args,
    ...address,
  })),
);

/** Status, headers and body, without what differs from call to call or repeats the question. */
async function shownOf(response: Response): Promise<string> {
  const body = (await response.text())
    .replaceAll("gw-x/secret", "gw-a/secret")
    .replaceAll(/[0-9a-f]{32}/g, "CALL")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
  return JSON.stringify([response.status, [...response.headers], body]);
}

function call(token: string, name: string, args: object): Promise<Response> {
  const params = { name, arguments: args };
  return postMcp(token, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
}

function callModern(token: string, name: string, args: object): Promise<Response> {
  const body = modernBody("tools/call", { name, arguments: args });
  return postMcp(token, body, modernHeaders("tools/call", name));
}

describe("to another team", () => {
  test.each(CASES)(
    "$tool by $by answers exactly as for what does not exist",
    async ({ tool, args, foreign, missing }) => {
      const { relay, token } = await twoTeams();

      for (const post of [call, callModern]) {
        const answers = [
          await post(token, tool, { ...args, ...foreign }),
          await post(token, tool, { ...args, ...missing }),
        ];
        const [shown, expected] = await Promise.all(answers.map(shownOf));
        expect(shown).toBe(expected);
        expect(shown).toContain('\\"error\\"');
      }
      expect(relay.untakenFrames).toBe(0);
    },
  );

  test.each(["subscribe_record", "unsubscribe_record"])(
    "%s by a subscription's id answers exactly as for one that is not there",
    async (tool) => {
      const { owner, relay, token } = await twoTeams();
      relay.script = () => JSON.parse(JSON.stringify(readResult()));
      const opened = await callTool(await owner.accessToken(), "subscribe_record", RECORD);
      const handle = opened.json.subscription_id.split(".")[1];
      relay.script = () => undefined;

      const rest = tool === "subscribe_record" ? RECORD : {};
      const args = { ...rest, subscription_id: `gw-a.${handle}` };
      const foreign = await shownOf(await call(token, tool, args));
      const absent = { ...rest, subscription_id: `gw-x.${handle}` };
      const missing = await shownOf(await call(token, tool, absent));

      expect(foreign).toBe(missing);
      expect(foreign).toContain("unknown_subscription");
      expect(relay.untakenFrames).toBe(0);
    },
  );

  test("discover_instances shows nothing of it", async () => {
    const { token } = await twoTeams();

    const { text, json } = await callTool(token, "discover_instances");

    expect(json.instances.map(({ instance }: { instance: string }) => instance)).toEqual([
      "own/own",
      "own/too",
    ]);
    expect(text).not.toContain("secret");
  });

  test("no error suggests one of its names", async () => {
    const { token } = await twoTeams();

    const { text } = await callTool(token, "get_record", { ...RECORD, instance: "secre" });

    expect(text).not.toContain("secret");
  });
});

test("answers of two principals that call at once are never exchanged", async () => {
  const teams = await Promise.all(
    ["one", "two"].map(async (name) => {
      const team = await createTeam(name);
      const relay = await ScriptedRelay.connect(await enrollDevice(team, "gw"), [
        announced({ name: "plant" }),
      ]);
      relay.script = () => JSON.parse(JSON.stringify(getResult({ value: name })));
      return { name, token: await team.accessToken() };
    }),
  );

  // As many at a time as a principal may have.
  for (let round = 0; round < 6; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 16 }, async (_, i) => {
        const { name, token } = teams[i % 2] ?? { name: "", token: "" };
        const { json } = await callTool(token, "get_record", { ...RECORD, instance: "gw/plant" });
        return json.value === name;
      }),
    );
    expect(answers.every(Boolean)).toBe(true);
  }
});
