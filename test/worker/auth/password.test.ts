import { describe, expect, test } from "vitest";
import { checkPassword, hashPassword } from "../../../worker/auth/password.ts";

const PASSWORD = "correct horse battery";

async function hashOf(password: string): Promise<string> {
  const hashed = await hashPassword(password);
  if (!hashed.ok) throw new Error(hashed.error);
  return hashed.value;
}

describe("a password's hash", () => {
  test("says how it was made, and differs each time", async () => {
    const [one, two] = [await hashOf(PASSWORD), await hashOf(PASSWORD)];

    expect(one).toMatch(/^scrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
  });

  test("matches its password and no other", async () => {
    const stored = await hashOf(PASSWORD);

    expect(await checkPassword(PASSWORD, stored)).toEqual({
      ok: true,
      value: { matches: true, isOutdated: false },
    });
    expect(await checkPassword(`${PASSWORD} `, stored)).toMatchObject({
      value: { matches: false },
    });
  });

  test("matches however the keyboard composes a letter", async () => {
    const stored = await hashOf("zwölf Buchstaben".normalize("NFC"));

    expect(await checkPassword("zwölf Buchstaben".normalize("NFD"), stored)).toMatchObject({
      value: { matches: true },
    });
  });

  test("with lower parameters still matches, and is outdated", async () => {
    const stored = `scrypt$10$8$1$${"A".repeat(22)}$AsWvwMY_76m6UtetkFvlJIEPTCAm8Pu2vkYrRktx10s`;

    expect(await checkPassword(PASSWORD, stored)).toEqual({
      ok: true,
      value: { matches: true, isOutdated: true },
    });
  });

  test("that is missing matches nothing, and takes as long", async () => {
    const stored = await hashOf(PASSWORD);
    const timed = async (hash: string | null) => {
      const start = performance.now();
      await checkPassword("a wrong password", hash);
      return performance.now() - start;
    };
    const real = Math.min(await timed(stored), await timed(stored));
    const none = Math.min(await timed(null), await timed(null));

    expect(await checkPassword("", null)).toMatchObject({ value: { matches: false } });
    expect(none).toBeGreaterThan(real / 3);
  });

  test("is waited for by eight at most; others are refused", async () => {
    const stored = await hashOf(PASSWORD);
    const checks = await Promise.all(
      Array.from({ length: 12 }, () => checkPassword(PASSWORD, stored)),
    );

    expect(checks.filter(({ ok }) => ok)).toHaveLength(9);
    expect(checks.filter(({ ok }) => !ok)).toEqual(
      Array.from({ length: 3 }, () => ({ ok: false, error: "busy" })),
    );
    expect((await checkPassword(PASSWORD, stored)).ok).toBe(true);
  });
});
