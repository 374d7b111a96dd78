import { expect, test } from "vitest";
import { hashSecret } from "../../../worker/auth/secret.ts";
import { TokenHashes } from "../../../worker/auth/token-hashes.ts";

function bench() {
  const clock = { nowMs: 0, hashed: 0 };
  const hash = (token: string) => {
    clock.hashed += 1;
    return hashSecret(token);
  };
  const hashes = new TokenHashes(() => clock.nowMs, hash);
  /** Whether it had to be hashed. */
  const isNew = async (token: string) => {
    const before = clock.hashed;
    await hashes.of(token);
    return clock.hashed > before;
  };
  return { clock, hashes, isNew };
}

test("a token's hash is that of hashSecret(), each time", async () => {
  const { hashes } = bench();
  const expected = await hashSecret("a");

  expect([await hashes.of("a"), await hashes.of("b"), await hashes.of("a")]).toEqual([
    expected,
    await hashSecret("b"),
    expected,
  ]);
});

test("a token that is shown again within half a minute is hashed once", async () => {
  const { clock, isNew } = bench();
  const times = [];
  for (clock.nowMs = 0; clock.nowMs < 300_000; clock.nowMs += 29_000) times.push(await isNew("a"));

  expect(times).toEqual([true, ...times.slice(1).fill(false)]);
});

test("a token is forgotten within a minute, and then hashed anew", async () => {
  const { clock, isNew } = bench();
  await isNew("a");
  clock.nowMs = 60_000;

  expect(await isNew("a")).toBe(true);
});

test("500 to 1,000 of them are kept", async () => {
  const { isNew } = bench();
  await isNew("first");
  for (let i = 0; i < 499; i += 1) await isNew(`t${i}`);
  const afterFew = await isNew("first");
  for (let i = 0; i < 1_000; i += 1) await isNew(`u${i}`);

  expect([afterFew, await isNew("first"), await isNew("u999")]).toEqual([false, true, false]);
});
