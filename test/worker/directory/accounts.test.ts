import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { accountOf } from "../../../worker/account/stub.ts";
import { derivedKeys } from "../../../worker/auth/derived-keys.ts";
import type { NewAccount } from "../../../worker/directory/rpc.ts";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { objectIds, tablesOf } from "../support/objects.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

const directory = () => directoryOf(bindings);
const ADA: NewAccount = {
  email: "ada@example.com",
  displayName: "Ada",
  password: null,
  identity: { issuer: "https://id.example", subject: "ada" },
  nowMs: 1,
};
const DAY_MS = 86_400_000;
const THREE_MINUTES_MS = 3 * 60_000;

describe("accounts", () => {
  test("are one per address, and one per identity, however many ask at once", async () => {
    const before = await objectIds("ACCOUNT");
    const created = await Promise.all([
      directory().createAccount(ADA),
      directory().createAccount({ ...ADA, identity: null }),
      directory().createAccount({ ...ADA, email: "other@example.com" }),
    ]);

    expect(created.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(await objectIds("ACCOUNT")).toHaveLength(before.length + 1);
  });

  test("are found by issuer and subject together", async () => {
    const created = await directory().createAccount(ADA);
    const find = (issuer: string, subject: string) =>
      directory().accountOfIdentity({ issuer, subject });

    expect(await find("https://id.example", "ada")).toBe(created.ok ? created.accountId : "");
    expect(await find("https://other.example", "ada")).toBeNull();
    expect(await find("https://id.example", "bob")).toBeNull();
  });

  test("that are dropped leave nothing, and their address is free", async () => {
    const created = await directory().createAccount(ADA);
    const accountId = created.ok ? created.accountId : "";
    const session = { hash: "hash", nowMs: Date.now(), provenAtMs: null };
    await accountOf(bindings, accountId)?.openSession(session);
    await directory().dropAccount(accountId);

    expect(await tablesOf("ACCOUNT", accountId)).toEqual([]);
    expect(await accountOf(bindings, accountId)?.session("hash", Date.now())).toBeNull();
    expect((await directory().createAccount(ADA)).ok).toBe(true);
  });
});

describe("attempts to sign in", () => {
  const HOME = "192.0.2.0/24";
  const attempt = (nowMs: number, email = "ada@example.com", network = HOME) =>
    directory().beginAttempt({ email, network }, nowMs);

  test("are five, then one every three minutes", async () => {
    const outcomes = [];
    for (let i = 0; i < 7; i += 1) outcomes.push((await attempt(1_000_000)).ok);
    const early = await attempt(1_000_000 + THREE_MINUTES_MS - 1_000);
    const late = await attempt(1_000_000 + THREE_MINUTES_MS);
    const again = await attempt(1_000_000 + THREE_MINUTES_MS);

    expect(outcomes).toEqual([true, true, true, true, true, false, false]);
    expect(early).toEqual({ ok: false, retryAfterMs: 1_000 });
    expect([late.ok, again]).toEqual([true, { ok: false, retryAfterMs: THREE_MINUTES_MS }]);
  });

  test("are counted separately for each address, and forgotten after success", async () => {
    for (let i = 0; i < 5; i += 1) await attempt(0);

    expect((await attempt(0, "bob@example.com")).ok).toBe(true);
    await directory().endAttempt({ email: "ada@example.com", network: HOME });
    expect((await attempt(0)).ok).toBe(true);
  });

  test("from elsewhere lock nobody out", async () => {
    for (let i = 0; i < 9; i += 1) await attempt(0, "ada@example.com", "203.0.113.0/24");

    expect((await attempt(0)).ok).toBe(true);
  });

  test("from all networks together are a hundred, then one every 36 seconds", async () => {
    const from = (n: number, nowMs: number) => attempt(nowMs, "ada@example.com", `10.0.${n}.0/24`);
    let taken = 0;
    for (let n = 0; n < 30; n += 1) {
      for (let i = 0; i < 5; i += 1) if ((await from(n, 0)).ok) taken += 1;
    }

    expect(taken).toBe(100);
    expect(await attempt(0)).toEqual({ ok: false, retryAfterMs: 36_000 });
    expect((await attempt(0, "bob@example.com")).ok).toBe(true);
    expect((await attempt(36_000)).ok).toBe(true);
    expect(await attempt(36_000)).toEqual({ ok: false, retryAfterMs: 36_000 });
  });

  test("that succeed are taken back, those that failed elsewhere are not", async () => {
    const tried = { email: "ada@example.com", network: HOME };
    for (let i = 0; i < 200; i += 1) {
      await attempt(0);
      await directory().endAttempt(tried);
    }
    for (let i = 0; i < 5; i += 1) await attempt(0, "ada@example.com", "203.0.113.0/24");
    await directory().endAttempt(tried);

    expect((await attempt(0)).ok).toBe(true);
    expect((await attempt(0, "ada@example.com", "203.0.113.0/24")).ok).toBe(false);
  });

  test("lead to the same decoy if there is no account, and nothing is stored there", async () => {
    const [one, two] = [await attempt(0, "x@example.com"), await attempt(0, "y@example.com")];
    const decoy = one.ok ? one.accountId : "";

    expect(two).toEqual(one);
    expect(await accountOf(bindings, decoy)?.password()).toBeNull();
    expect(await tablesOf("ACCOUNT", decoy)).toEqual([]);
  });
});

describe("transactions with a provider", () => {
  const transaction = { state: "s", nonce: "n", verifier: "v", isAgain: false };

  test("record that the person has to sign in again", async () => {
    await directory().beginTransaction({
      hash: "a",
      expiresAtMs: 100,
      ...transaction,
      isAgain: true,
    });

    expect(await directory().takeTransaction("a", 99)).toEqual({ ...transaction, isAgain: true });
  });

  test("are taken once, and not after they expire", async () => {
    await directory().beginTransaction({ hash: "a", expiresAtMs: 100, ...transaction });
    await directory().beginTransaction({ hash: "b", expiresAtMs: 100, ...transaction });

    expect(await directory().takeTransaction("a", 99)).toEqual(transaction);
    expect(await directory().takeTransaction("a", 99)).toBeNull();
    expect(await directory().takeTransaction("b", 100)).toBeNull();
  });
});

describe("the root secret", () => {
  test("is made on first use, and is the same for everyone", async () => {
    const [one, two] = [await directory().rootSecrets(0), await directory().rootSecrets(DAY_MS)];

    expect(one).toEqual({ current: expect.stringMatching(/^[0-9a-f]{64}$/), previous: null });
    expect(two).toEqual(one);
  });

  test("is replaced after thirty days, and verifies for thirty more", async () => {
    const first = await directory().rootSecrets(0);
    const second = await directory().rootSecrets(30 * DAY_MS);
    const third = await directory().rootSecrets(60 * DAY_MS);

    expect(second).toEqual({ current: expect.any(String), previous: first.current });
    expect(second.current).not.toBe(first.current);
    expect(third.previous).toBe(second.current);
  });

  test("gives each purpose a key of its own", async () => {
    const state = await derivedKeys(bindings, "request-state/1");
    const consent = await derivedKeys(bindings, "consent-remember/1");

    expect(state.current).toHaveLength(32);
    expect(String(state.current)).not.toBe(String(consent.current));
    expect(await derivedKeys(bindings, "request-state/1")).toEqual(state);
  });
});
