/** Objects that a newer release has woken on before. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { enrollDevice } from "../support/device.ts";
import { isNewerState, newerState } from "../../../worker/storage/newer-state.ts";
import { callTool, postMcp } from "../support/mcp.ts";
import { dumpOf, evict, inObject, objectIds, type Binding } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, fetchWorker } from "../support/worker.ts";

afterEach(() => reset());

const WHAT_TO_DO = /was written by a newer release of the worker\. .*Start that release again/;

async function leaveNewer(binding: Binding, id: string): Promise<void> {
  await inObject(binding, id, ({ storage: { sql } }) => {
    sql.exec("UPDATE schema SET version = 1000");
  });
  await evict(binding, id);
}

test("a directory is left alone, and its callers are told what to do", async () => {
  await createTeam();
  const [id = ""] = await objectIds("DIRECTORY");
  await leaveNewer("DIRECTORY", id);
  const before = await dumpOf("DIRECTORY", id);

  const ready = await fetchWorker("/ready", { headers: bearer(ADMIN_TOKEN) });
  const api = await fetchWorker("/api/v1/teams", { headers: bearer(ADMIN_TOKEN) });

  expect([ready.status, api.status]).toEqual([503, 503]);
  expect(await ready.json()).toMatchObject({
    error: { code: "not_ready", message: expect.stringMatching(WHAT_TO_DO) },
  });
  expect(await api.json()).toMatchObject({
    error: { code: "newer_state", message: expect.stringMatching(WHAT_TO_DO) },
  });
  expect(await dumpOf("DIRECTORY", id)).toBe(before);
});

test("a team answers no call, and a client is told why", async () => {
  const team = await createTeam();
  const token = await team.accessToken();
  await leaveNewer("TEAM", team.id);

  const response = await postMcp(token, { jsonrpc: "2.0", id: 7, method: "tools/list" });

  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({
    id: 7,
    error: { message: expect.stringMatching(WHAT_TO_DO) },
  });
});

test("a relay is not let in, and a write to it is not made", async () => {
  const team = await createTeam();
  const { relay_id: relayId } = await enrollDevice(team);
  const token = await team.accessToken(["aimdb:write"]);
  await leaveNewer("RELAY", relayId);

  const args = { instance: "gw-1/plant", record_name: "sensor.temp", value: 1 };
  const { isError, json } = await callTool(token, "set_record", args);
  const dialed = await fetchWorker("/relay", {
    headers: {
      upgrade: "websocket",
      "sec-websocket-protocol": LINK_SUBPROTOCOL,
      ...bearer(`e30.${btoa(JSON.stringify({ sub: relayId }))}.x`),
    },
  });

  expect(isError).toBe(true);
  expect(json).toMatchObject({
    error: { code: "internal", message: expect.stringMatching(WHAT_TO_DO) },
  });
  expect(dialed.status).toBe(503);
});

test("an error that only quotes such a message is none", () => {
  const { message } = newerState(2, 1);

  expect(isNewerState(new Error(message))).toBe(true);
  expect(isNewerState(new Error(`Unrecognized key: "${message}"`))).toBe(false);
  expect(isNewerState(new Error("was written by a newer release of the worker"))).toBe(false);
});
