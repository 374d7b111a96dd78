import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importJWK, jwtVerify, SignJWT } from "jose";
import { expect, test } from "vitest";
import { publicKeySchema } from "#shared/link/dial-token.ts";
import { readKey, readOrCreateKey } from "../../../relay/identity/key.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

test("readKey gives undefined before a key was made", async () => {
  expect(await readKey(await freshFolder())).toBeUndefined();
});

test("readOrCreateKey makes a key once and gives the same from then on", async () => {
  const folder = await freshFolder();

  const made = await readOrCreateKey(folder);

  expect((await readOrCreateKey(folder)).publicKey).toEqual(made.publicKey);
  expect((await readKey(folder))?.publicKey).toEqual(made.publicKey);
});

test("readOrCreateKey makes another key on another device", async () => {
  const [a, b] = await Promise.all([
    freshFolder().then(readOrCreateKey),
    freshFolder().then(readOrCreateKey),
  ]);
  expect(a.publicKey).not.toEqual(b.publicKey);
});

test("the key is stored for its owner only", async () => {
  const folder = await freshFolder();
  await readOrCreateKey(folder);
  expect((await stat(join(folder, "key.json"))).mode & 0o777).toBe(0o600);
});

test("the public key holds nothing of the private one", async () => {
  const { publicKey } = await readOrCreateKey(await freshFolder());
  expect(Object.keys(publicKey).toSorted()).toEqual(["crv", "kty", "x"]);
  expect(publicKeySchema.safeParse(publicKey).success).toBe(true);
});

test("the key signs what its public half verifies", async () => {
  const { publicKey, sign } = await readOrCreateKey(await freshFolder());
  const token = await new SignJWT({}).setProtectedHeader({ alg: "EdDSA" }).sign(sign);
  await expect(jwtVerify(token, await importJWK(publicKey, "EdDSA"))).resolves.toBeDefined();
});

test("readKey refuses a key that others may read", async () => {
  const folder = await freshFolder();
  await readOrCreateKey(folder);
  await chmod(join(folder, "key.json"), 0o644);
  await expect(readKey(folder)).rejects.toThrow("expected 0600");
});

test.each([
  ["is cut off", '{"kty":"OKP","crv"'],
  ["is another kind of key", '{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}'],
  ["lacks its private half", `{"kty":"OKP","crv":"Ed25519","x":"${"a".repeat(43)}"}`],
  ["is empty", ""],
])("readKey names a key file that %s, and not what is in it", async (_name, text) => {
  const folder = await freshFolder();
  const path = join(folder, "key.json");
  await writeFile(path, text, { mode: 0o600 });

  await expect(readKey(folder)).rejects.toThrow(`${path} is not a relay key`);
});

test("readOrCreateKey never replaces a key file that it can't read", async () => {
  const folder = await freshFolder();
  const path = join(folder, "key.json");
  await writeFile(path, "{", { mode: 0o600 });

  await expect(readOrCreateKey(folder)).rejects.toThrow("is not a relay key");
  expect(await readFile(path, "utf8")).toBe("{");
});

test("readKey takes a credential of the service manager before its own file", async () => {
  const [folder, other, credentials] = [
    await freshFolder(),
    await freshFolder(),
    await freshFolder(),
  ];
  await readOrCreateKey(folder);
  const given = await readOrCreateKey(other);
  const text = await readFile(join(other, "key.json"), "utf8");
  await writeFile(join(credentials, "relay-key"), text, { mode: 0o440 });

  expect((await readKey(folder, credentials))?.publicKey).toEqual(given.publicKey);
  expect((await readKey(folder, await freshFolder()))?.publicKey).not.toEqual(given.publicKey);
});

test("readKey refuses a credential that is no key, and tells nothing of it", async () => {
  const credentials = await freshFolder();
  await writeFile(join(credentials, "relay-key"), "s3cret");
  await expect(readKey(await freshFolder(), credentials)).rejects.toThrow(
    /relay-key is not a relay key$/,
  );
});
