/** What a client finds after something was taken back, though the Worker remembers that it was given. */
import { afterEach, describe, expect, test } from "vitest";
import { knownCallers } from "../../../worker/auth/known-callers.ts";
import { getResult } from "../../support/link/link-samples.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { callTool, postMcp } from "../support/mcp.ts";
import { addToTeam, createPerson } from "../support/person.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam, teamObject, type TestTeam } from "../support/team.ts";
import { sendApi } from "../support/worker.ts";

afterEach(cleanUp);

const ADDRESS = { record_name: "sensor.temp", instance: "gw-1/plant" };

async function connected(team: TestTeam) {
  const relay = await ScriptedRelay.connect(await enrollDevice(team));
  relay.script = () => JSON.parse(JSON.stringify(getResult()));
  return relay;
}

/** A person of the team, and a token of theirs that may write if they may. */
async function person(team: TestTeam, role: "operator" | "viewer") {
  const somebody = await createPerson();
  await addToTeam(somebody, team.id, role);
  const memberId = (await teamObject(team.id).member(somebody.accountId))?.id ?? "";
  const scopes = ["aimdb:write"] as const;
  const about = { label: "", memberId, createdBy: memberId, lifetimeMs: 60_000, nowMs: Date.now() };
  const made = await teamObject(team.id).createAccessToken({ ...about, scopes });
  if (!made.ok) throw new Error(made.reason);
  return { memberId, id: made.id, token: made.token };
}

function ask(token: string, name: string, args: object = {}): Promise<Response> {
  const params = { name, arguments: args };
  return postMcp(token, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
}

describe("a token that was revoked through another isolate", () => {
  test.each(["get_record", "discover_instances"])("opens %s no more", async (tool) => {
    const team = await createTeam();
    await connected(team);
    const { token, id } = await person(team, "operator");
    const before = await ask(token, tool, tool === "get_record" ? ADDRESS : {});
    await teamObject(team.id).revokeAccessToken(id, null);

    const after = await ask(token, tool, tool === "get_record" ? ADDRESS : {});

    expect([before.status, after.status]).toEqual([200, 401]);
    expect(after.headers.get("www-authenticate")).toContain("resource_metadata");
    expect(await after.json()).toMatchObject({ id: 1, error: expect.anything() });
  });

  test("does not write", async () => {
    const team = await createTeam();
    const relay = await connected(team);
    const { token, id } = await person(team, "operator");
    await ask(token, "get_record", ADDRESS);
    relay.script = () => undefined;
    await teamObject(team.id).revokeAccessToken(id, null);

    const after = await ask(token, "set_record", { ...ADDRESS, value: 1 });

    expect(after.status).toBe(401);
    expect(relay.untakenFrames).toBe(0);
  });
});

test("a token that was revoked through this isolate is not valid from then on", async () => {
  const team = await createTeam();
  const { token, id } = await person(team, "viewer");
  const list = () => postMcp(token, { jsonrpc: "2.0", id: 1, method: "tools/list" });
  const before = await list();
  await sendApi(`access-tokens/${id}?team=${team.id}`, "DELETE");

  expect([before.status, (await list()).status]).toEqual([200, 401]);
});

describe("a person's role", () => {
  test("that was lowered applies to the next call, which still reads", async () => {
    const team = await createTeam();
    await connected(team);
    const { token, memberId } = await person(team, "operator");
    await callTool(token, "get_record", ADDRESS);
    await teamObject(team.id).setRole(memberId, "viewer");

    expect((await callTool(token, "get_record", ADDRESS)).isError).toBe(false);
    expect(
      (await callTool(token, "set_record", { ...ADDRESS, value: 1 })).json.error,
    ).toMatchObject({
      code: "insufficient_scope",
    });
  });

  test("that was raised applies to the next write", async () => {
    const team = await createTeam();
    const relay = await connected(team);
    relay.script = () => ({ outcome: "applied", record_key: "sensor.temp", echo: "same" });
    const { token, memberId } = await person(team, "viewer");
    await callTool(token, "discover_instances");
    await teamObject(team.id).setRole(memberId, "operator");

    const written = await callTool(token, "set_record", { ...ADDRESS, value: 1 });

    expect(written.json).toMatchObject({ outcome: "applied" });
  });
});

test("a relay that took a revoked one's name is found at once", async () => {
  const team = await createTeam();
  await connected(team);
  const token = await team.accessToken();
  await callTool(token, "get_record", ADDRESS);
  await teamObject(team.id).setRelayStatus("gw-1", "revoked");
  const gone = await callTool(token, "get_record", ADDRESS);
  await connected(team);

  expect(gone.json.error).toMatchObject({ code: "unknown_instance" });
  expect((await callTool(token, "get_record", ADDRESS)).isError).toBe(false);
});

test("what is known of a caller is what its team said", async () => {
  const team = await createTeam();
  const { token } = await person(team, "viewer");
  await callTool(token, "discover_instances");
  knownCallers.forget(team.id);

  expect((await callTool(token, "discover_instances")).isError).toBe(false);
});
