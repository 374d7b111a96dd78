import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { createTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, bindings, fetchWorker, sendApi } from "../support/worker.ts";

beforeEach(async () => {
  await directoryOf(bindings).defaultTeam();
});
afterEach(() => reset());

const PATH = "/api/v1/write-policy";
const POLICY = {
  rules: [{ record: "app.*", instance: "gw-*", confirm: "client", fields: { a: { max: 9 } } }],
  writes_per_minute: 5,
  writes_per_minute_per_record: 0,
};
const DEFAULTS = {
  rules: [{ record: "*" }],
  writes_per_minute: 10,
  writes_per_minute_per_record: 2,
};

async function activityOutcomes(): Promise<unknown[]> {
  const answer = await (
    await sendApi("activity", "GET")
  ).json<{ activity: { outcome: unknown }[] }>();
  return answer.activity.map(({ outcome }) => outcome);
}

describe("/api/v1/write-policy", () => {
  test("has a default: everything that devices allow, each write confirmed by a person", async () => {
    const response = await sendApi("write-policy", "GET");

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(DEFAULTS);
  });

  test("is replaced whole, and read back as it was put", async () => {
    const put = await sendApi("write-policy", "PUT", POLICY);
    expect(put.status).toBe(200);
    expect(await put.json()).toEqual(POLICY);
    expect(await (await sendApi("write-policy", "GET")).json()).toEqual(POLICY);

    await sendApi("write-policy", "PUT", { rules: [] });

    expect(await (await sendApi("write-policy", "GET")).json()).toEqual({ ...DEFAULTS, rules: [] });
  });

  function put(policy: object, ifMatch: string): Promise<Response> {
    const headers = { ...bearer(ADMIN_TOKEN), "if-match": ifMatch };
    return fetchWorker(PATH, { method: "PUT", headers, body: JSON.stringify(policy) });
  }

  async function tagOf(response: Promise<Response>): Promise<string> {
    return (await response).headers.get("etag") ?? "";
  }

  test("has an ETag of its content, whoever stored it", async () => {
    const before = await tagOf(sendApi("write-policy", "GET"));
    const stored = await tagOf(sendApi("write-policy", "PUT", POLICY));

    expect(before).toMatch(/^"[^"]+"$/);
    expect(stored).not.toBe(before);
    expect(await tagOf(sendApi("write-policy", "GET"))).toBe(stored);
    expect(await tagOf(sendApi("write-policy", "PUT", DEFAULTS))).toBe(before);
  });

  test("is not replaced over a change that the sender has not read", async () => {
    const read = await tagOf(sendApi("write-policy", "GET"));
    await sendApi("write-policy", "PUT", POLICY);

    const refused = await put({ rules: [] }, read);

    expect(refused.status).toBe(412);
    expect(await refused.json()).toMatchObject({ error: { code: "changed_meanwhile" } });
    expect(await (await sendApi("write-policy", "GET")).json()).toEqual(POLICY);
    expect(await activityOutcomes()).toContain("changed_meanwhile");
  });

  test("of two changes over the same version one is made", async () => {
    const read = await tagOf(sendApi("write-policy", "GET"));
    const rules = [[], [{ record: "a" }]];

    const both = await Promise.all(rules.map((one) => put({ rules: one }, read)));

    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  });

  test.each<[string, (tag: string) => string]>([
    ["the tag of what was read", (tag) => tag],
    ["one made weak on the way", (tag) => `W/${tag}`],
    ["one of several", (tag) => `"another", ${tag}`],
    ["any", () => "*"],
  ])("is replaced over %s", async (_name, ifMatch) => {
    const read = await tagOf(sendApi("write-policy", "GET"));

    expect((await put(POLICY, ifMatch(read))).status).toBe(200);
  });

  test.each(["", "x", '"x"'])("is not replaced over %j, which no answer had", async (ifMatch) => {
    expect((await put(POLICY, ifMatch)).status).toBe(412);
  });

  test("is each team's own", async () => {
    const team = await createTeam();
    const other = await directoryOf(bindings).defaultTeam();
    await sendApi("write-policy", "PUT", { ...POLICY, team: team.id });

    expect(await (await sendApi(`write-policy?team=${team.id}`, "GET")).json()).toEqual(POLICY);
    expect(await (await sendApi(`write-policy?team=${other.id}`, "GET")).json()).toEqual(DEFAULTS);
  });

  test.each([
    ["0".repeat(64), 404],
    ["x", 400],
  ])("has no team %s", async (team, status) => {
    expect((await sendApi(`write-policy?team=${team}`, "GET")).status).toBe(status);
  });

  test.each<[string, object, string]>([
    ["a rule without a record", { rules: [{}] }, "rules.0.record"],
    ["an unknown field", { rules: [], confrm: "never" }, "confrm"],
    ["a rate that is none", { rules: [], writes_per_minute: "10" }, "writes_per_minute"],
  ])("refuses %s, and names the place", async (_name, policy, place) => {
    const response = await sendApi("write-policy", "PUT", policy);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain(place);
    expect(await (await sendApi("write-policy", "GET")).json()).toEqual(DEFAULTS);
  });

  test.each(["GET", "PUT"])("is closed to a token for tools: %s", async (method) => {
    const token = await (await createTeam()).accessToken(["aimdb:write"]);
    const init = { method, headers: bearer(token) };

    expect((await fetchWorker(PATH, init)).status).toBe(403);
  });
});
