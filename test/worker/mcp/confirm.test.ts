import { afterEach, describe, expect, test } from "vitest";
import type { Request as LinkRequest } from "#shared/link/request.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { callTool, modernBody, modernHeaders, postMcp, type RpcBody } from "../support/mcp.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { ORIGIN } from "../support/worker.ts";
import { APPLIED } from "../support/writes.ts";

afterEach(cleanUp);

const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const FORM = { elicitation: { form: {} } };
const URL_MODE = { elicitation: { url: {} } };

/** A relay with one record, whose team confirms as `confirm` says. */
async function connected(confirm: "human" | "client") {
  const team = await createTeam();
  await team.setWritePolicy({ rules: [{ record: "*", confirm }] });
  const relay = await ScriptedRelay.connect(await enrollDevice(team));
  const sent: LinkRequest[] = [];
  relay.script = (request) => {
    const isDryRun = JSON.stringify(request.params).includes('"dry_run":true');
    if (!isDryRun) sent.push(request);
    const current = { text: "https://evil.example \u202e" };
    return isDryRun ? { outcome: "checked", record_key: "sensor.temp", current } : APPLIED;
  };
  return { team, sent, token: await team.accessToken(["aimdb:write"]) };
}

interface Retry {
  readonly requestState?: unknown;
  readonly inputResponses?: object;
  readonly value?: unknown;
}

async function set(
  token: string,
  capabilities: object,
  { value = { celsius: 21 }, ...retry }: Retry = {},
): Promise<RpcBody> {
  const args = { record_name: "sensor.temp", instance: "gw-1/plant", value };
  const body = modernBody(
    "tools/call",
    { name: "set_record", arguments: args, ...retry },
    { [CAPABILITIES]: capabilities },
  );
  const response = await postMcp(token, body, modernHeaders("tools/call", "set_record"));
  return response.json<RpcBody>();
}

function saying(action: string, content?: object): object {
  return { confirm: content === undefined ? { action } : { action, content } };
}

const YES = saying("accept", { confirm: true });

describe("a write that the client confirms", () => {
  test("ends with a form, in constants around escaped values and without a link", async () => {
    const { token, sent } = await connected("client");

    const { result } = await set(token, FORM);

    expect(result).toMatchObject({
      resultType: "input_required",
      requestState: expect.stringMatching(/^v1\./),
    });
    const { method, params } = result.inputRequests.confirm;
    expect(method).toBe("elicitation/create");
    expect(params.requestedSchema).toMatchObject({
      type: "object",
      properties: { confirm: { type: "boolean" } },
      required: ["confirm"],
    });
    expect(params.requestedSchema.properties.confirm).not.toHaveProperty("default");
    expect(params.message.length).toBeLessThanOrEqual(500);
    expect(params.message).toContain('{"celsius":21}');
    expect(params.message).not.toContain("\u202e");
    expect(sent).toEqual([]);
  });

  test("is written once when the person says yes, however often the answer comes", async () => {
    const { token, sent } = await connected("client");
    const { requestState } = (await set(token, FORM)).result;
    const yes = { requestState, inputResponses: YES };

    const first = (await set(token, FORM, yes)).result;
    const second = (await set(token, FORM, yes)).result;

    expect(first).toMatchObject({
      resultType: "complete",
      structuredContent: { success: true, outcome: "applied" },
    });
    expect(second.structuredContent.call_id).toBe(first.structuredContent.call_id);
    expect(sent).toMatchObject([{ params: { value: { celsius: 21 }, approval: "client" } }]);
  });

  test.each<[string, object]>([
    ["declines", saying("decline")],
    ["dismisses the question", saying("cancel")],
    ["accepts without the tick", saying("accept", { confirm: false })],
    ["ticks with a text", saying("accept", { confirm: "true" })],
  ])("is not written when the person %s", async (_name, inputResponses) => {
    const { token, sent } = await connected("client");
    const { requestState } = (await set(token, FORM)).result;

    const { result } = await set(token, FORM, { requestState, inputResponses });

    expect(result).toMatchObject({
      isError: true,
      structuredContent: { success: false, status: "declined", changed: false },
    });
    expect(sent).toEqual([]);
  });

  test("is asked about again if no answer came", async () => {
    const { token, sent } = await connected("client");
    const { requestState } = (await set(token, FORM)).result;

    const { result } = await set(token, FORM, { requestState });

    expect(result.resultType).toBe("input_required");
    expect(sent).toEqual([]);
  });

  test("is not written by repeating the call", async () => {
    const { token, sent } = await connected("client");
    await set(token, FORM);

    const { result } = await set(token, FORM, { inputResponses: YES });

    expect(result.resultType).toBe("input_required");
    expect(sent).toEqual([]);
  });

  test("is refused if the call comes back with another value", async () => {
    const { token, sent } = await connected("client");
    const { requestState } = (await set(token, FORM)).result;

    const { result } = await set(token, FORM, {
      requestState,
      inputResponses: YES,
      value: { celsius: 99 },
    });

    expect(result.structuredContent.error.code).toBe("invalid_input");
    expect(sent).toEqual([]);
  });

  test.each<[string, (state: string) => string]>([
    // The last character has bits that say nothing.
    ["is changed", (state) => state.replace(/.(?=.$)/, (one) => (one === "A" ? "B" : "A"))],
    ["is cut", (state) => state.slice(0, -4)],
    ["is made up", () => "v1.e30.e30"],
    ["is empty", () => ""],
  ])("is refused where its state %s", async (_name, change) => {
    const { token, sent } = await connected("client");
    const { requestState } = (await set(token, FORM)).result;

    const body = await set(token, FORM, {
      requestState: change(requestState),
      inputResponses: YES,
    });

    expect(body.error ?? body.result.structuredContent.error).toBeDefined();
    expect(sent).toEqual([]);
  });

  test("is refused to another principal who holds its state", async () => {
    const { team, token, sent } = await connected("client");
    const { requestState } = (await set(token, FORM)).result;
    const other = await team.accessToken(["aimdb:write"]);

    const { error } = await set(other, FORM, { requestState, inputResponses: YES });

    expect(error).toMatchObject({ code: -32_602 });
    expect(sent).toEqual([]);
  });

  test.each([{}, URL_MODE])("is left to a person if the client %j has no form", async (has) => {
    const { token, sent } = await connected("client");

    const { result } = await set(token, has);

    const page = result.inputRequests?.confirm.params.url ?? result.structuredContent?.confirm_url;
    expect(page).toMatch(new RegExp(`^${ORIGIN}/confirm/`));
    expect(sent).toEqual([]);
  });
});

describe("a write that a person confirms", () => {
  test("ends complete with the page's address, if the client opens none", async () => {
    const { token, sent } = await connected("human");

    const { result } = await set(token, FORM);

    expect(result).toMatchObject({
      resultType: "complete",
      isError: false,
      structuredContent: {
        status: "awaiting_confirmation",
        changed: false,
        requested: { celsius: 21 },
      },
    });
    const { call_id, confirm_url } = result.structuredContent;
    expect(confirm_url).toBe(`${ORIGIN}/confirm/${call_id}`);
    expect(sent).toEqual([]);
  });

  test("sends a client that opens pages to the page, and again until it is decided", async () => {
    const { token, sent } = await connected("human");

    const first = (await set(token, URL_MODE)).result;
    const { requestState } = first;
    const accepted = saying("accept");
    const second = (await set(token, URL_MODE, { requestState, inputResponses: accepted })).result;

    expect(first.inputRequests.confirm.params).toMatchObject({
      mode: "url",
      url: expect.stringContaining(`${ORIGIN}/confirm/`),
    });
    expect(second).toMatchObject({ resultType: "input_required" });
    expect(sent).toEqual([]);
  });

  test("can't be approved through an answer of the client", async () => {
    const { token, sent } = await connected("human");
    const { requestState } = (await set(token, URL_MODE)).result;

    await set(token, URL_MODE, { requestState, inputResponses: YES });
    await set(token, { ...FORM, ...URL_MODE }, { requestState, inputResponses: YES });

    expect(sent).toEqual([]);
  });

  test.each(["human", "client"] as const)(
    "answers a client of 2025 with the page's address, when the rule says %s",
    async (confirm) => {
      const { token, sent } = await connected(confirm);
      const write = { record_name: "sensor.temp", instance: "gw-1/plant", value: 1 };

      const { isError, json } = await callTool(token, "set_record", write);
      const again = await callTool(token, "set_record", write);
      const outcome = await callTool(token, "get_write_outcome", { call_id: json.call_id });

      expect(isError).toBe(false);
      expect(json).toMatchObject({ status: "awaiting_confirmation", changed: false });
      expect(again.json.call_id).toBe(json.call_id);
      expect(outcome.json).toMatchObject({ status: "awaiting_confirmation" });
      expect(sent).toEqual([]);
    },
  );
});

test("an unknown call id and one of another team read the same, to the byte", async () => {
  const { token } = await connected("human");
  const write = { record_name: "sensor.temp", instance: "gw-1/plant", value: 1 };
  const { call_id } = (await callTool(token, "set_record", write)).json;
  const stranger = await (await createTeam("other")).accessToken(["aimdb:write"]);
  const ask = async (id: string) =>
    (await callTool(stranger, "get_write_outcome", { call_id: id })).text;

  const unknown = await ask(`${"0".repeat(64)}.${"0".repeat(32)}`);

  expect(unknown).toContain("unknown_call");
  for (const id of [call_id, call_id.replace(/.$/, "x"), "x", "local.0", `${call_id}0`]) {
    expect(await ask(id)).toBe(unknown);
  }
});
