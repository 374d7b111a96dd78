/** Who sees what of the team's log. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../worker/access/role.ts";
import { announced, getResult } from "../support/builders.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { callTool } from "../support/mcp.ts";
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
  const relay = await ScriptedRelay.connect(await enrollDevice(team), [announced({})]);
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
  test("is in the log with who, where, what came of it and the id that its device has", async () => {
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
    await sendApi("relays/none", "DELETE", { team: team.id });

    const rows = await activityOf(team.id);
    expect(rows.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["join_token.create", "done"],
      ["write_policy.replace", "done"],
    ]);
    expect(rows[0]).toMatchObject({ principal: "operator", target: expect.any(String) });
    const exported = await fetchWorker(`/api/v1/activity/export?team=${team.id}`, {
      headers: bearer(ADMIN_TOKEN),
    });
    const text = await exported.text();
    expect(exported.headers.get("content-type")).toBe("application/x-ndjson");
    expect(text.trim().split("\n")).toHaveLength(4);
    expect(text).not.toContain(secret.slice(-40));
  });
});

describe("of the log", () => {
  test("a viewer sees what is their own, an operator all, another team nothing", async () => {
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
