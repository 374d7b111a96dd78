/** Who may read what of `/metrics` and `/ready`, and that what was counted is there. */
import { afterEach, describe, expect, test } from "vitest";
import type { ToolEntry } from "../../../worker/access/audit-entry.ts";
import { CallTally } from "#shared/metrics/call-counts.ts";
import { handleReady } from "../../../worker/metrics/ready-endpoint.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { evict, inObject, newObjectId } from "../support/objects.ts";
import { createTeam, teamObject } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, bindings, fetchWorker, ORIGIN } from "../support/worker.ts";

afterEach(cleanUp);

const METRICS_TOKEN = "a-metrics-token-of-forty-characters-00001";

const get = (path: string, token?: string) =>
  fetchWorker(path, token === undefined ? {} : { headers: bearer(token) }, { METRICS_TOKEN });

async function linesOf(token: string): Promise<string[]> {
  const response = await get("/metrics", token);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return (await response.text()).split("\n");
}

function entry(n: number, outcome: string): ToolEntry {
  const about = { principal: "ann", action: "tool.get_record", digest: "d", duration_ms: 3 };
  return { at_ms: Date.now(), ...about, call_id: `c${n}`, outcome };
}

describe("/metrics", () => {
  test("counts a team's calls, those without a line in its log included", async () => {
    const team = await createTeam();
    const refused = Array.from({ length: 50 }, (_, n) => entry(n, "rate_limited"));
    await teamObject(team.id).noteCalls([...refused, entry(50, "ok")]);
    await teamObject(team.id).noteCalls([entry(51, "ok")]);

    const lines = await linesOf(METRICS_TOKEN);

    const labels = `team="${team.id}",tool="get_record"`;
    expect(lines).toContain(
      `aimdb_tool_calls_total{${labels},outcome="rate_limited",source="caller"} 50`,
    );
    expect(lines).toContain(`aimdb_tool_calls_total{${labels},outcome="ok"} 2`);
    expect(lines).toContain(`aimdb_tool_call_duration_seconds_count{${labels}} 52`);
  });

  test("counts once what is noted again, those without a line in the log and caches included", async () => {
    const team = await createTeam();
    const refused = Array.from({ length: 50 }, (_, n) => entry(n, "rate_limited"));
    const caches = [{ cache: "callers", hits: 3, misses: 1 }];
    const noteTwice = async (calls: ToolEntry[]) => {
      await teamObject(team.id).noteCalls(calls, caches);
      await evict("TEAM", team.id);
      await teamObject(team.id).noteCalls(calls, caches);
    };
    await noteTwice([...refused, entry(50, "ok")]);
    await noteTwice([entry(51, "rate_limited"), entry(52, "rate_limited")]);

    const lines = await linesOf(METRICS_TOKEN);

    const labels = `team="${team.id}",tool="get_record"`;
    expect(lines).toContain(
      `aimdb_tool_calls_total{${labels},outcome="rate_limited",source="caller"} 52`,
    );
    expect(lines).toContain(`aimdb_tool_calls_total{${labels},outcome="ok"} 1`);
    expect(lines).toContain(
      `aimdb_cache_requests_total{team="${team.id}",cache="callers",result="hit"} 6`,
    );
  });

  test("adds up what the isolates' caches had for a team", async () => {
    const team = await createTeam();
    await teamObject(team.id).noteCalls([], [{ cache: "callers", hits: 3, misses: 1 }]);
    await teamObject(team.id).noteCalls([], [{ cache: "callers", hits: 1, misses: 0 }]);
    await teamObject(team.id).noteCalls([]);

    const lines = await linesOf(METRICS_TOKEN);

    const counted = (cache: string, result: string) =>
      `aimdb_cache_requests_total{team="${team.id}",cache="${cache}",result="${result}"}`;
    expect(lines).toContain(`${counted("callers", "hit")} 4`);
    expect(lines).toContain(`${counted("callers", "miss")} 1`);
    expect(lines).toContain(`${counted("relay_names", "hit")} 0`);
  });

  test("adds up what relay objects report, and ignores those that the team does not have", async () => {
    const team = await createTeam();
    const { relay_id: relayId } = await enrollDevice(team);
    const calls = new CallTally();
    calls.note("record.get", "instance_slow", 3);
    const counts = { calls: calls.read(), link: { bytes_sent: 10, sessions_begun: 1 } };
    await teamObject(team.id).noteCounts(relayId, counts);
    await teamObject(team.id).noteCounts(relayId, counts);
    await teamObject(team.id).noteCounts("0".repeat(64), counts);

    const lines = await linesOf(METRICS_TOKEN);

    expect(lines).toContain(
      `aimdb_device_calls_total{team="${team.id}",method="record.get",outcome="instance_slow",source="instance"} 2`,
    );
    expect(lines).toContain(`aimdb_link_bytes_sent_total{team="${team.id}"} 20`);
    expect(lines).toContain(`aimdb_link_sessions_begun_total{team="${team.id}"} 2`);
    expect(lines).toContain(`aimdb_relays{team="${team.id}",state="offline"} 1`);
  });

  test("says nothing of a day that is not limited", async () => {
    const team = await createTeam();
    await teamObject(team.id).noteCalls([{ ...entry(1, "ok"), bytes: 7 }]);

    expect((await linesOf(METRICS_TOKEN)).join("\n")).not.toMatch(/^aimdb_team_day_/m);
  });

  test("names teams by their ids, and nothing in them", async () => {
    const team = await createTeam();
    await enrollDevice(team);

    const text = (await linesOf(METRICS_TOKEN)).join("\n");

    expect(text).toContain(team.id);
    expect(text).not.toContain("gw-1");
  });

  test("shows a team's own token that team alone", async () => {
    const [team, other] = [await createTeam(), await createTeam()];

    const text = (await linesOf(await team.accessToken(["aimdb:admin"]))).join("\n");

    expect(text).toContain(team.id);
    expect(text).not.toContain(other.id);
    expect(text).toContain("\naimdb_teams 1\n");
  });

  test("does not count an erased team that a restored directory lists again", async () => {
    await createTeam();
    const directory = bindings.DIRECTORY.idFromName("directory").toString();
    await inObject("DIRECTORY", directory, ({ storage: { sql } }) =>
      sql.exec("INSERT INTO team VALUES (?, 'gone', 0)", newObjectId("TEAM")).toArray(),
    );

    expect(await linesOf(METRICS_TOKEN)).toContain("aimdb_teams 1");
  });

  test("is open to the admin token, too", async () => {
    expect((await get("/metrics", ADMIN_TOKEN)).status).toBe(200);
  });

  test("is closed to a token that only reads", async () => {
    const team = await createTeam();

    expect((await get("/metrics", await team.accessToken(["aimdb:read"]))).status).toBe(403);
  });

  test.each([undefined, "another-token-of-some-forty-characters-1"])(
    "is closed to %s",
    async (token) => {
      expect((await get("/metrics", token)).status).toBe(401);
      expect((await get("/ready", token)).status).toBe(401);
    },
  );

  test("accepts no operator's token that is short", async () => {
    const short = { METRICS_TOKEN: "short" };
    const response = await fetchWorker("/metrics", { headers: bearer("short") }, short);

    expect(response.status).toBe(401);
  });
});

describe("the metrics token", () => {
  test("gives access to nothing else", async () => {
    expect((await get("/api/v1/teams", METRICS_TOKEN)).status).toBe(401);
  });
});

describe("/ready", () => {
  test("says how long storage took", async () => {
    const response = await get("/ready", METRICS_TOKEN);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ready", storage_ms: expect.any(Number) });
  });

  test("is 503 if storage does not answer", async () => {
    const DIRECTORY = {
      ...bindings.DIRECTORY,
      idFromName: () => {
        throw new Error("no storage");
      },
    } as unknown as typeof bindings.DIRECTORY;
    const response = await fetchWorker(
      "/ready",
      { headers: bearer(METRICS_TOKEN) },
      { METRICS_TOKEN, DIRECTORY },
    );

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "not_ready" } });
  });

  test("is 503 if storage hangs, after two seconds", async () => {
    const hung = { probeStorage: () => new Promise<boolean>(() => {}) };
    const DIRECTORY = {
      ...bindings.DIRECTORY,
      idFromName: () => "directory",
      get: () => hung,
    } as unknown as typeof bindings.DIRECTORY;
    const timers: number[] = [];
    const atOnce = (ms: number, run: () => void) => {
      timers.push(ms);
      run();
      return () => {};
    };
    const request = new Request(`${ORIGIN}/ready`, { headers: bearer(METRICS_TOKEN) });

    const response = await handleReady(request, { ...bindings, METRICS_TOKEN, DIRECTORY }, atOnce);

    expect(timers).toEqual([2_000]);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "not_ready" } });
  });
});
