/** Whose lines the team's log has, also once they are gone. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { callTool } from "../support/mcp.ts";
import { connect } from "../support/oauth.ts";
import { createTeam } from "../support/team.ts";
import { member, send } from "../support/team-people.ts";
import { ADMIN_TOKEN, bearer, fetchWorker, postApi, sendApi } from "../support/worker.ts";

afterEach(() => reset());

const WAIT = { timeout: 5_000 };

interface Row {
  readonly action: string;
  readonly target_name: string | null;
  readonly name: string | null;
  readonly ended_at: string | null;
}

async function activityOf(team: string, query = ""): Promise<Row[]> {
  const headers = bearer(ADMIN_TOKEN);
  const response = await fetchWorker(`/api/v1/activity?team=${team}${query}`, { headers });
  return (await response.json<{ activity: Row[] }>()).activity;
}

interface Exported {
  readonly name: string | null;
  readonly email: string | null;
  readonly entry: Readonly<Record<string, unknown>>;
}

async function exportOf(team: string, query = ""): Promise<Exported[]> {
  const headers = bearer(ADMIN_TOKEN);
  const exported = await fetchWorker(`/api/v1/activity/export?team=${team}${query}`, { headers });
  return (await exported.text())
    .trim()
    .split("\n")
    .map((line): Exported => JSON.parse(line));
}

describe("who a line is of", () => {
  test("stays known, with the address, after the person left, in the page of lines and in the export", async () => {
    const team = await createTeam();
    const bob = await member(team.id, "operator", "bob");
    const { email } = bob.person;
    const form = { action: "make_access_token", label: "laptop", scope: "aimdb:read" };
    await send(bob.browser, "/team", form);
    await sendApi(`members/${bob.id}?team=${team.id}`, "DELETE");

    const about = { principal: bob.id, name: email, email };
    expect(await activityOf(team.id, `&principal=${bob.id}`)).toMatchObject([
      { ...about, action: "access_token.create", target_name: "laptop" },
    ]);
    const [line] = await activityOf(team.id, `&principal=${bob.id}`);
    expect(Date.parse(line?.ended_at ?? "")).toBeGreaterThan(Date.now() - 60_000);
    const lines = await exportOf(team.id, `&principal=${bob.id}`);
    expect(lines).toMatchObject([
      { entry: { phase: "intent" }, name: email, email, approver: null },
      { entry: { phase: "outcome" }, name: email, email, approver: null },
    ]);
  });

  test("stays known after a service's token was revoked", async () => {
    const team = await createTeam();
    const body = { team: team.id, label: "night report", service: true };
    const made = await postApi("access-tokens", body);
    const { id, token } = await made.json<{ id: string; token: string }>();
    await callTool(token, "discover_instances", {});
    await expect.poll(() => activityOf(team.id, `&principal=${id}`), WAIT).toHaveLength(1);
    const [live] = await activityOf(team.id, `&principal=${id}`);
    await sendApi(`access-tokens/${id}?team=${team.id}`, "DELETE");

    expect(live).toMatchObject({ name: "night report", email: null, ended_at: null });
    expect(await activityOf(team.id, `&principal=${id}`)).toMatchObject([
      { name: "night report", email: null, ended_at: expect.any(String) },
    ]);
  });

  test("is, of an invitation and a join token, whom and what it was for, also once it is gone", async () => {
    const team = await createTeam();
    const gone = async (path: string, body: object) => {
      const made = await postApi(path, { team: team.id, ...body });
      const { id } = await made.json<{ id: string }>();
      await sendApi(`${path}/${id}?team=${team.id}`, "DELETE");
      return activityOf(team.id, `&target=${id}`);
    };

    const named = async (path: string, body: object) =>
      (await gone(path, body)).map(({ action, target_name }) => [action, target_name]);
    expect(await named("invitations", { role: "viewer", email: "eve@example.com" })).toEqual([
      ["invitation.revoke", "eve@example.com"],
      ["invitation.create", "eve@example.com"],
    ]);
    expect(await named("invitations", { role: "viewer" })).toEqual([
      ["invitation.revoke", "viewer, by link"],
      ["invitation.create", "viewer, by link"],
    ]);
    expect(await named("join-tokens", { name_pattern: "gw-*" })).toEqual([
      ["join_token.revoke", "gw-*"],
      ["join_token.create", "gw-*"],
    ]);
  });

  test("is, of a client that was disconnected, what it is called and whose it was", async () => {
    const { team, person } = await connect();
    const listed = await sendApi(`grants?team=${team}`, "GET");
    const [grant] = (await listed.json<{ grants: { id: string }[] }>()).grants;
    await sendApi(`grants/${grant?.id}?team=${team}`, "DELETE");

    expect(await activityOf(team, "&action=client.disconnect")).toMatchObject([
      { target: grant?.id, target_name: `Test Client of ${person.email}` },
    ]);
    expect(await exportOf(team, "&action=client.disconnect")).toMatchObject([
      { entry: { phase: "intent", target_email: person.email } },
      { entry: { phase: "outcome", target_email: person.email } },
    ]);
  });

  test("is in the chain itself where people and tokens come, change and go", async () => {
    const team = await createTeam();
    const bob = await member(team.id, "viewer", "bob");
    const body = { team: team.id, label: "night report", service: true };
    const made = await postApi("access-tokens", body);
    const { id } = await made.json<{ id: string }>();
    await sendApi(`access-tokens/${id}?team=${team.id}`, "DELETE");
    await sendApi(`members/${bob.id}`, "PATCH", { team: team.id, role: "operator" });
    await sendApi(`members/${bob.id}?team=${team.id}`, "DELETE");

    const entries = (await exportOf(team.id)).map(({ entry }) => entry);
    const named = entries.flatMap(({ action, phase, target_name, target_email }) =>
      target_name === undefined ? [] : [[action, phase, target_name, target_email]],
    );
    const { email } = bob.person;
    expect(named).toEqual([
      ["access_token.create", "outcome", "night report", undefined],
      ["access_token.revoke", "intent", "night report", undefined],
      ["access_token.revoke", "outcome", "night report", undefined],
      ["member.change_role", "intent", email, email],
      ["member.change_role", "outcome", email, email],
      ["member.remove", "intent", email, email],
      ["member.remove", "outcome", email, email],
    ]);
    const verified = await fetchWorker(`/api/v1/activity/verify?team=${team.id}`, {
      headers: bearer(ADMIN_TOKEN),
    });
    expect(await verified.json()).toMatchObject({ intact: true, broken_at: null });
  });
});
