import { SignJWT } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import {
  ROTATE_PROOF_TYPE,
  ROTATE_TOKEN_TYPE,
  SIGNATURE_ALGORITHM,
} from "#shared/link/dial-token.ts";
import { hashSecret } from "../../../../worker/auth/secret.ts";
import { cleanUp } from "../../support/clean-up.ts";
import {
  createDialToken,
  createKey,
  enrollDevice,
  type Device,
  type DeviceKey,
  type DialTokenChange,
} from "../../support/device.ts";
import { inObject } from "../../support/objects.ts";
import { dial, ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam } from "../../support/team.ts";
import { bearer, fetchWorker } from "../../support/worker.ts";

afterEach(cleanUp);

const DAY_MS = 24 * 3_600_000;

interface Change extends DialTokenChange {
  readonly proofBy?: DeviceKey;
  readonly proofOf?: string;
  readonly sent?: DeviceKey;
}

function rotateToken(device: Device, next: DeviceKey, change: Change = {}): Promise<string> {
  return createDialToken(device, {
    ...change,
    claims: { next: next.publicKey.x, ...change.claims },
    header: { typ: ROTATE_TOKEN_TYPE, ...change.header },
  });
}

async function post(token: string, next: DeviceKey, change: Change = {}): Promise<Response> {
  const proof = await new SignJWT({ rotate: await hashSecret(change.proofOf ?? token) })
    .setProtectedHeader({ alg: SIGNATURE_ALGORITHM, typ: ROTATE_PROOF_TYPE })
    .sign((change.proofBy ?? next).sign);
  return fetchWorker("/relay/rotate", {
    method: "POST",
    headers: bearer(token),
    body: JSON.stringify({ public_key: (change.sent ?? next).publicKey, proof }),
  });
}

async function rotate(device: Device, next: DeviceKey, change: Change = {}): Promise<Response> {
  return post(await rotateToken(device, next, change), next, change);
}

/** Whether a dial with this key is accepted. */
async function opens(device: Device, key: DeviceKey): Promise<boolean> {
  const answer = await dial(await createDialToken({ ...device, key }));
  if (answer.status === 101) ScriptedRelay.from(answer);
  return answer.status === 101;
}

/** As if the new key had come earlier. */
async function age(device: Device, byMs: number): Promise<void> {
  await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
    sql.exec("UPDATE relay SET next_key_at = next_key_at - ?", byMs);
  });
}

async function started() {
  return { device: await enrollDevice(await createTeam()), next: await createKey() };
}

describe("rotating a relay's key", () => {
  test("leaves both valid until the new one has dialed and a day has passed [D-14]", async () => {
    const { device, next } = await started();
    const answer = await rotate(device, next);
    const until = Date.parse((await answer.json<{ old_key_until: string }>()).old_key_until);

    expect(Math.abs(until - Date.now() - DAY_MS)).toBeLessThan(60_000);
    expect(await opens(device, device.key)).toBe(true);
    await age(device, DAY_MS);
    expect(await opens(device, device.key)).toBe(true);
    expect(await opens(device, next)).toBe(true);
    expect(await opens(device, device.key)).toBe(false);
    expect(await opens(device, next)).toBe(true);
  });

  test("keeps the old key for the day though the new one has dialed [D-14]", async () => {
    const { device, next } = await started();
    await rotate(device, next);
    await opens(device, next);
    await age(device, DAY_MS - 60_000);

    expect(await opens(device, device.key)).toBe(true);
  });

  test("may be asked for again if the answer was lost", async () => {
    const { device, next } = await started();
    const first = await rotate(device, next);
    await age(device, 1_000);
    const again = await rotate(device, next);

    expect([first.status, again.status]).toEqual([200, 200]);
    expect(await opens(device, next)).toBe(true);
  });

  test("lets the device enroll again under its name with the new key", async () => {
    const team = await createTeam();
    const device = await enrollDevice(team);
    const next = await createKey();
    await rotate(device, next);

    expect(await enrollDevice(team, device.relay, next)).toMatchObject({
      relay: device.relay,
      relay_id: device.relay_id,
    });
  });

  test("is no longer possible with the old key once the new one has dialed [D-15]", async () => {
    const { device, next } = await started();
    await rotate(device, next);
    await opens(device, next);
    const [stolen, own] = [await createKey(), await createKey()];

    expect((await rotate(device, stolen)).status).toBe(401);
    expect((await rotate({ ...device, key: next }, own)).status).toBe(200);
    expect(await opens(device, own)).toBe(true);
  });

  test("is not possible with the new key before it has dialed", async () => {
    const { device, next } = await started();
    await rotate(device, next);
    const [another, own] = [await createKey(), { ...device, key: next }];

    expect((await rotate(own, another)).status).toBe(401);
    await opens(device, next);
    expect((await rotate(own, another)).status).toBe(200);
  });
});

describe("a rotation is refused", () => {
  test.each([
    { why: "a dial token", change: { header: { typ: "aimdb-relay+jwt" } } },
    { why: "a token that names no key", change: { claims: { next: undefined } } },
    { why: "a token that names another key", change: { claims: { next: "A".repeat(43) } } },
    { why: "a token of another installation", change: { claims: { aud: "other" } } },
  ])("for $why [D-12]", async ({ change }) => {
    const { device, next } = await started();

    expect((await rotate(device, next, change)).status).toBe(401);
    expect(await opens(device, next)).toBe(false);
  });

  test("for a token that was used [D-12]", async () => {
    const { device, next } = await started();
    const token = await rotateToken(device, next);
    await post(token, next);

    expect((await post(token, next)).status).toBe(401);
  });

  test("for a token that another key signed [D-12]", async () => {
    const { device, next } = await started();

    expect((await rotate(device, next, { signWith: next.sign })).status).toBe(401);
  });

  test("with the server's time for one that the clock spoiled", async () => {
    const { device, next } = await started();
    const answer = await rotate(device, next, { claims: { iat: 1, exp: 61 } });

    expect(await answer.json()).toMatchObject({ error: { code: "clock" } });
  });

  test("if the new key did not sign the proof, or for another token [D-13]", async () => {
    const { device, next } = await started();

    for (const change of [{ proofBy: device.key }, { proofOf: "another" }]) {
      const answer = await rotate(device, next, change);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { code: "invalid_proof" } });
    }
    expect(await opens(device, next)).toBe(false);
  });

  test("without a token, with one of no relay, and with a body of another form", async () => {
    const { device, next } = await started();
    const foreign = { ...device, relay_id: "ab".repeat(32) };
    const bare = await fetchWorker("/relay/rotate", { method: "POST" });
    const malformed = await fetchWorker("/relay/rotate", {
      method: "POST",
      headers: bearer(await rotateToken(device, next)),
      body: "{}",
    });

    expect([bare.status, (await rotate(foreign, next)).status]).toEqual([401, 401]);
    expect(malformed.status).toBe(400);
  });
});
