import { UnsecuredJWT } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { randomHex } from "../../../../worker/auth/secret.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { createDialToken, createKey, enrollDevice } from "../../support/device.ts";
import { newObjectId, objectIds, tablesOf } from "../../support/objects.ts";
import { dial, ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam } from "../../support/team.ts";
import { fetchWorker } from "../../support/worker.ts";

afterEach(cleanUp);

const key = await createKey();
const installation = randomHex(16);

describe("GET /relay", () => {
  test("accepts a relay and agrees on the subprotocol [T-3]", async () => {
    const device = await enrollDevice(await createTeam());

    const response = await dial(await createDialToken(device));

    expect(response.status).toBe(101);
    expect(response.headers.get("sec-websocket-protocol")).toBe("aimdb-relay.v1");
    ScriptedRelay.from(response);
  });

  test.each([
    { name: "without an upgrade", headers: { upgrade: "" } },
    { name: "with an upgrade to something else", headers: { upgrade: "h2c" } },
    { name: "without a subprotocol", headers: { "sec-websocket-protocol": "" } },
    { name: "with another subprotocol", headers: { "sec-websocket-protocol": "aimdb-relay.v2" } },
  ])("answers 426 $name [T-2]", async ({ headers }) => {
    const device = await enrollDevice(await createTeam());

    const response = await dial(await createDialToken(device), headers);

    expect(response.status).toBe(426);
    expect(response.headers.get("upgrade")).toBe("websocket");
    expect(await response.json()).toMatchObject({ error: { code: "upgrade_required" } });
  });

  test("finds the subprotocol among several", async () => {
    const device = await enrollDevice(await createTeam());

    const response = await dial(await createDialToken(device), {
      "sec-websocket-protocol": "aimdb-relay.v9, aimdb-relay.v1",
    });

    expect(response.status).toBe(101);
    ScriptedRelay.from(response);
  });

  test("answers 404 to other methods", async () => {
    expect((await fetchWorker("/relay", { method: "POST" })).status).toBe(404);
  });
});

test("the first check of a dial that fails decides its answer [D-3]", async () => {
  const device = await enrollDevice(await createTeam());
  const wrongClock = { iat: 60, exp: 120 };
  const jti = randomHex(16);
  ScriptedRelay.from(await dial(await createDialToken(device, { claims: { jti } })));
  const forged = await createDialToken({ ...device, key }, { claims: { ...wrongClock, jti } });
  const foreign = await createDialToken(device, { claims: { ...wrongClock, jti, aud: "other" } });
  const late = await createDialToken(device, { claims: { ...wrongClock, jti } });
  const spent = await createDialToken(device, { claims: { jti } });
  const answerTo = async (response: Promise<Response>) => {
    const { error } = await (await response).json<{ error: { code: string } }>();
    return [(await response).status, error.code];
  };

  expect(await answerTo(fetchWorker("http://evil.example/relay"))).toEqual([421, "misdirected"]);
  expect(await answerTo(fetchWorker("/relay"))).toEqual([426, "upgrade_required"]);
  expect(await answerTo(dial(""))).toEqual([401, "unauthorized"]);
  expect(await answerTo(dial(forged))).toEqual([401, "unauthorized"]);
  expect(await answerTo(dial(foreign))).toEqual([401, "unauthorized"]);
  expect(await answerTo(dial(late))).toEqual([401, "clock"]);
  expect(await answerTo(dial(spent))).toEqual([401, "unauthorized"]);
});

describe("a dial that is not accepted", () => {
  const unknown = () => createDialToken({ relay_id: "ab".repeat(32), installation, key });

  test.each([
    { name: "no token", token: () => "" },
    { name: "text that is no token", token: () => "abc" },
    { name: "an unsigned token", token: () => new UnsecuredJWT({ sub: "ab" }).encode() },
    {
      name: "a token without a subject",
      token: () =>
        createDialToken({ relay_id: "x", installation, key }, { claims: { sub: undefined } }),
    },
    {
      name: "a subject that is no text",
      token: () => createDialToken({ relay_id: "x", installation, key }, { claims: { sub: 5 } }),
    },
  ])(
    "gets the same for $name as for an invented relay, and makes nothing [D-4]",
    async ({ token }) => {
      const missing = await dial(await unknown());
      const before = await objectIds("RELAY");

      const refused = await dial(await token());

      expect(refused.status).toBe(401);
      expect([refused.status, await refused.text()]).toEqual([
        missing.status,
        await missing.text(),
      ]);
      expect([...refused.headers]).toEqual([...missing.headers]);
      expect(await objectIds("RELAY")).toEqual(before);
    },
  );

  test("gets the same for a known relay with another key as for one that was never created [D-4]", async () => {
    const device = await enrollDevice(await createTeam());
    const uncreated = newObjectId("RELAY");

    const forged = await dial(await createDialToken({ ...device, key }));
    const missing = await dial(await createDialToken({ relay_id: uncreated, installation, key }));

    expect([forged.status, await forged.text()]).toEqual([missing.status, await missing.text()]);
    expect(await tablesOf("RELAY", uncreated)).toEqual([]);
  });

  test("gets the same for a token that was used before [D-4] [D-6]", async () => {
    const device = await enrollDevice(await createTeam());
    const token = await createDialToken(device);
    const relay = ScriptedRelay.from(await dial(token));

    const replayed = await dial(token);
    const missing = await dial(await unknown());

    expect([replayed.status, await replayed.text()]).toEqual([
      missing.status,
      await missing.text(),
    ]);
    await relay.greet();
  });

  test("gets the worker's time only if it is signed validly at a wrong time [D-5]", async () => {
    const device = await enrollDevice(await createTeam());
    const claims = { iat: 60, exp: 120 };
    const before = Date.now();

    const response = await dial(await createDialToken(device, { claims }));
    const forged = await dial(await createDialToken({ ...device, key }, { claims }));

    expect(response.status).toBe(401);
    const { error } = await response.json<{ error: { code: string; server_time_ms: number } }>();
    expect(error.code).toBe("clock");
    expect(error.server_time_ms).toBeGreaterThanOrEqual(before);
    expect(error.server_time_ms).toBeLessThanOrEqual(Date.now());
    expect(await forged.text()).not.toContain("server_time_ms");
  });

  test("does not spend its token when its time is wrong", async () => {
    const device = await enrollDevice(await createTeam());
    const jti = randomHex(16);
    await dial(await createDialToken(device, { claims: { jti, iat: 60, exp: 120 } }));

    const response = await dial(await createDialToken(device, { claims: { jti } }));

    expect(response.status).toBe(101);
    ScriptedRelay.from(response);
  });

  test("ignores a token in the address [D-2]", async () => {
    const device = await enrollDevice(await createTeam());
    const token = await createDialToken(device);

    const response = await fetchWorker(`/relay?token=${token}&access_token=${token}`, {
      headers: { upgrade: "websocket", "sec-websocket-protocol": "aimdb-relay.v1" },
    });

    expect(response.status).toBe(401);
  });
});
