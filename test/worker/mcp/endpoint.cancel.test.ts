/** A client closes its connection: what its device hears, and what stands in the team's log. */
import { afterEach, expect, test, vi } from "vitest";
import { cleanUp } from "../support/clean-up.ts";
import { readResult } from "../../support/link/link-samples.ts";
import { announced } from "../support/builders.ts";
import { enrollDevice } from "../support/device.ts";
import { LEGACY_VERSION } from "../support/mcp.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { APPLIED } from "../support/writes.ts";
import { bearer, fetchWorker, sendApi } from "../support/worker.ts";

afterEach(cleanUp);

const RECORD = { instance: "gw-1/plant", record_name: "sensor.temp" };
const NOTHING = readResult({ samples: [], cursor: { epoch: "p.0", sequence: 5 } });
/** Lines wait a second for others. */
const LOGGED = { timeout: 5_000 };

async function begin() {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const relay = await ScriptedRelay.connect(device, [announced()]);
  const token = await team.accessToken(["aimdb:read", "aimdb:write"]);
  const call = (name: string, args: object, signal?: AbortSignal, meta?: object) =>
    fetchWorker("/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": LEGACY_VERSION,
        ...bearer(token),
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) },
      }),
      ...(signal === undefined ? {} : { signal }),
    });
  const outcomes = async () => {
    const response = await sendApi(`activity?team=${team.id}`, "GET");
    const { activity } = await response.json<{ activity: { action: string; outcome: string }[] }>();
    return activity
      .filter(({ action }) => action.startsWith("tool."))
      .map(({ action, outcome }) => `${action} ${outcome}`);
  };
  return { relay, call, outcomes };
}

test.each([
  ["that is answered whole", undefined],
  ["that is answered as a stream", { progressToken: 1 }],
])("a wait %s ends with its client, and with its subscription", async (_, meta) => {
  const { relay, call, outcomes } = await begin();
  const client = new AbortController();
  const asked = call("subscribe_record", RECORD, client.signal, meta);
  relay.reply(await relay.nextRequest("samples.read"), NOTHING);
  const waiting = await relay.nextRequest("samples.read");
  client.abort();
  const cancelled = await relay.nextFrame("cancel");
  await Promise.allSettled([asked]);

  expect(cancelled).toEqual({ t: "cancel", id: waiting.id });
  await vi.waitFor(async () => {
    expect(await outcomes()).toEqual(["tool.subscribe_record cancelled"]);
  }, LOGGED);
  // As many as there may be.
  relay.script = () => NOTHING;
  const more = { ...RECORD, duration_seconds: 1 };
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => call("subscribe_record", more)));
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(texts.filter((text) => text.includes("too_many"))).toEqual([]);
});

test("a write goes on without its client, and stands in the log as done", async () => {
  const { relay, call, outcomes } = await begin();
  const client = new AbortController();
  const asked = call("set_record", { ...RECORD, value: 1 }, client.signal);
  const set = await relay.nextRequest("record.set");
  client.abort();
  relay.reply(set, APPLIED);
  await Promise.allSettled([asked]);

  await vi.waitFor(async () => {
    expect(await outcomes()).toEqual(["tool.set_record applied"]);
  }, LOGGED);
});
