import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { createTeam } from "../support/team.ts";
import { bearer, fetchWorker, sendApi } from "../support/worker.ts";

afterEach(() => reset());

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

describe("/api/v1/write-policy", () => {
  test("has a default: everything that devices open, each write confirmed by a person", async () => {
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

  test("is each team's own", async () => {
    const team = await createTeam();
    await sendApi("write-policy", "PUT", { ...POLICY, team: team.id });

    expect(await (await sendApi(`write-policy?team=${team.id}`, "GET")).json()).toEqual(POLICY);
    expect(await (await sendApi("write-policy", "GET")).json()).toEqual(DEFAULTS);
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

    expect((await fetchWorker("/api/v1/write-policy", init)).status).toBe(403);
  });
});
