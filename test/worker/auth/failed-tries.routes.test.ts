/** Where credentials are shown: strangers that name what is there, and those behind the same address. */
import { afterEach, describe, expect, test } from "vitest";
import { createSecret, randomHex } from "../../../worker/auth/secret.ts";
import { cleanUp } from "../support/clean-up.ts";
import {
  createDialToken,
  createKey,
  enrollDevice,
  postEnrollment,
  signedProof,
} from "../support/device.ts";
import { postMcp } from "../support/mcp.ts";
import { connect, postToken, refresh } from "../support/oauth.ts";
import { dial, ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { bearer, fetchWorker, postApi } from "../support/worker.ts";

afterEach(cleanUp);

const LIST = { jsonrpc: "2.0", id: 41, method: "tools/list" };
const OTHER_NETWORK = { "cf-connecting-ip": "198.51.100.7" };

/** The minute may end in between. */
async function untilCutOff(ask: () => Promise<Response>): Promise<Response> {
  for (let n = 0; n < 150; n += 1) {
    const response = await ask();
    if (response.status === 429) return response;
    await response.body?.cancel();
  }
  throw new Error("It was never cut off");
}

describe("forged tokens of a team", () => {
  test("at /mcp are no longer asked about, and those of its people are", async () => {
    const team = await createTeam();
    const [used, other] = [await team.accessToken(), await team.accessToken()];
    await postMcp(used, LIST);

    const refused = await untilCutOff(() => postMcp(createSecret("pat", team.id), LIST));

    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ id: 41, error: { message: /Try again in/ } });
    expect((await postMcp(used, LIST)).status).toBe(200);
    expect((await postMcp(other, LIST, OTHER_NETWORK)).status).toBe(200);
    const another = await createTeam("another");
    expect((await postMcp(await another.accessToken(), LIST)).status).toBe(200);
  });

  test("at /api/v1 and /api/v1/events are answered 429, too", async () => {
    const team = await createTeam();
    const ask = (path: string) => () =>
      fetchWorker(`/api/v1/${path}`, { headers: bearer(createSecret("pat", team.id)) });

    const refused = await untilCutOff(ask("relays"));

    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: "slow_down" } });
    expect((await untilCutOff(ask("events"))).headers.has("retry-after")).toBe(true);
  });
});

test("join tokens of a team that are none are no longer asked about", async () => {
  const team = await createTeam();
  const key = await createKey();

  const refused = await untilCutOff(async () => {
    const token = createSecret("join", team.id);
    const proof = await signedProof(key, token);
    return postEnrollment(token, { name: "gw-1", public_key: key.publicKey, proof });
  });

  expect(await refused.json()).toMatchObject({ error: { code: "slow_down" } });
});

test("invitations of a team that are none are no longer asked about, and people are told so on a page", async () => {
  const team = await createTeam();
  const created = await postApi("invitations", { team: team.id });
  const { pathname } = new URL((await created.json<{ url: string }>()).url);
  const headers = { accept: "text/html" };

  const refused = await untilCutOff(() =>
    fetchWorker(`/invite/${createSecret("invite", team.id)}`, { headers }),
  );

  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.text()).toContain("Too many attempts");
  expect((await fetchWorker(pathname, { headers: OTHER_NETWORK })).status).toBe(200);
});

describe("forged dials of a relay", () => {
  test("are no longer brought to it where it was not seen", async () => {
    const device = await enrollDevice(await createTeam());
    const { sign } = await createKey();

    const refused = await untilCutOff(async () =>
      dial(await createDialToken(device, { signWith: sign })),
    );

    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: "slow_down" } });
    const elsewhere = await dial(await createDialToken(device), OTHER_NETWORK);
    ScriptedRelay.from(elsewhere);
    expect(elsewhere.status).toBe(101);
  });

  test("keep neither it nor another from dialing from its own network [D-22]", async () => {
    const team = await createTeam();
    const [device, beside] = [await enrollDevice(team), await enrollDevice(team, "gw-2")];
    const { sign } = await createKey();
    await ScriptedRelay.connect(device);
    for (let n = 0; n < 70; n += 1) await dial(await createDialToken(device, { signWith: sign }));

    for (const one of [device, beside]) {
      const dialed = await dial(await createDialToken(one));
      ScriptedRelay.from(dialed);
      expect(dialed.status).toBe(101);
    }
  });
});

describe("forged refresh tokens of a person in a team", () => {
  test("are no longer asked about, and those that were renewed from the same network are", async () => {
    const { clientId, tokens } = await connect();
    const [holder = ""] = tokens.refresh_token.split(":");
    const forged = () => refresh(clientId, `${holder}:${randomHex(8)}:${randomHex(16)}`);

    const refused = await untilCutOff(forged);

    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
    expect((await refresh(clientId, tokens.refresh_token)).status).toBe(200);
  });

  test("are cut off by giving back grants that never were, too", async () => {
    const { clientId, tokens } = await connect();
    const [holder = ""] = tokens.refresh_token.split(":");

    const refused = await untilCutOff(() =>
      postToken({ client_id: clientId, token: `${holder}:${randomHex(8)}:${randomHex(16)}` }),
    );

    expect(refused.status).toBe(429);
  });

  test("that name nobody are not looked at for ever, either", async () => {
    const refused = await untilCutOff(() => refresh("client", "none"));

    expect(refused.status).toBe(429);
  });
});
