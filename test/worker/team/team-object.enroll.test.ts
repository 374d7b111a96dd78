import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { PublicKey } from "#shared/link/dial-token.ts";
import { hashSecret } from "../../../worker/auth/secret.ts";
import type { EnrollmentResult } from "../../../worker/team/rpc.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { createTeam, type TestTeam } from "../support/team.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

const NOW_MS = Date.now();
const MINUTE_MS = 60_000;
const OWN = key("A");
const OTHER = key("B");

function key(letter: string): PublicKey {
  return { kty: "OKP", crv: "Ed25519", x: letter.repeat(43) };
}

interface Attempt {
  readonly name?: string;
  readonly publicKey?: PublicKey;
  readonly nowMs?: number;
}

async function enroll(
  { id }: TestTeam,
  joinToken: string,
  { name = "gw-1", publicKey = OWN, nowMs = NOW_MS }: Attempt = {},
): Promise<EnrollmentResult | undefined> {
  const tokenHash = await hashSecret(joinToken);
  return teamOf(bindings, id)?.enroll({ tokenHash, name, publicKey, nowMs });
}

const REFUSED = { ok: false, reason: "token" };

describe("a join token", () => {
  test("makes one relay, which its team then finds by name", async () => {
    const team = await createTeam("plant");

    const enrolled = await enroll(team, await team.joinToken());

    expect(enrolled).toMatchObject({ ok: true, relay: "gw-1", teamName: "plant" });
    const relayId = await teamOf(bindings, team.id)?.relay("gw-1");
    expect(enrolled).toMatchObject({ relayId });
    expect(await teamOf(bindings, team.id)?.relays()).toEqual([
      { name: "gw-1", objectId: relayId },
    ]);
    const described = await relayOf(bindings, relayId ?? "").describe({ team: team.id });
    expect(described).toMatchObject({ state: { name: "offline", sinceMs: NOW_MS }, instances: [] });
  });

  test("repeats its answer to the same key for ten minutes [E-5]", async () => {
    const team = await createTeam();
    const token = await team.joinToken();
    const first = await enroll(team, token);

    const nowMs = NOW_MS + 10 * MINUTE_MS;
    expect(await enroll(team, token, { nowMs: nowMs - 1 })).toEqual(first);
    expect(await enroll(team, token, { nowMs })).toEqual(REFUSED);
  });

  test("repeats the name it made, whatever name is asked for then", async () => {
    const team = await createTeam();
    const token = await team.joinToken();
    await enroll(team, token);

    expect(await enroll(team, token, { name: "gw-2" })).toMatchObject({ ok: true, relay: "gw-1" });
    expect(await teamOf(bindings, team.id)?.relays()).toHaveLength(1);
  });

  test("is spent for another key [E-4]", async () => {
    const team = await createTeam();
    const token = await team.joinToken();
    await enroll(team, token);

    expect(await enroll(team, token, { name: "gw-2", publicKey: OTHER })).toEqual(REFUSED);
  });

  test("is spent once when two devices come at the same time [E-4]", async () => {
    const team = await createTeam();
    const token = await team.joinToken();

    const answers = await Promise.all([
      enroll(team, token, { name: "gw-1", publicKey: OWN }),
      enroll(team, token, { name: "gw-2", publicKey: OTHER }),
    ]);

    expect(answers.filter((answer) => answer?.ok)).toHaveLength(1);
  });

  test("expires, for a repetition too [E-5]", async () => {
    const team = await createTeam();
    const token = await team.joinToken({ expires_in_hours: 1 });
    const late = NOW_MS + 61 * MINUTE_MS;

    expect(await enroll(team, token, { nowMs: late })).toEqual(REFUSED);
    expect(await enroll(team, token)).toMatchObject({ ok: true });
    expect(await enroll(team, token, { nowMs: late })).toEqual(REFUSED);
  });

  test("serves its own team only", async () => {
    const [own, other] = [await createTeam("a"), await createTeam("b")];

    expect(await enroll(other, await own.joinToken())).toEqual(REFUSED);
  });

  test("is kept when the name does not match its pattern [E-4]", async () => {
    const team = await createTeam();
    const token = await team.joinToken({ name_pattern: "line-*" });

    expect(await enroll(team, token)).toEqual({
      ok: false,
      reason: "name_not_allowed",
      pattern: "line-*",
    });
    expect(await enroll(team, token, { name: "line-7" })).toMatchObject({ ok: true });
  });
});

describe("a name that another relay has", () => {
  test("is refused with the first that is free, and the token is kept [E-4]", async () => {
    const team = await createTeam();
    await enroll(team, await team.joinToken());
    await enroll(team, await team.joinToken(), { name: "gw-1-2", publicKey: key("C") });
    const token = await team.joinToken();

    expect(await enroll(team, token, { publicKey: OTHER })).toEqual({
      ok: false,
      reason: "name_taken",
      freeName: "gw-1-3",
    });
    expect(await enroll(team, token, { name: "gw-1-3", publicKey: OTHER })).toMatchObject({
      ok: true,
    });
  });

  test("is given back to the key that had it [E-6]", async () => {
    const team = await createTeam();
    const first = await enroll(team, await team.joinToken());

    expect(await enroll(team, await team.joinToken())).toEqual(first);
    expect(await teamOf(bindings, team.id)?.relays()).toHaveLength(1);
  });

  test("is free in another team", async () => {
    const [a, b] = [await createTeam("a"), await createTeam("b")];
    const first = await enroll(a, await a.joinToken());
    const second = await enroll(b, await b.joinToken(), { publicKey: OTHER });

    expect(first).toMatchObject({ ok: true, relay: "gw-1" });
    expect(second).toMatchObject({ ok: true, relay: "gw-1" });
    expect(await teamOf(bindings, a.id)?.relay("gw-1")).not.toBe(
      await teamOf(bindings, b.id)?.relay("gw-1"),
    );
  });
});
