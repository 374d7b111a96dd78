import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readIdentity, writeIdentity } from "../../../relay/identity/identity.ts";
import { identityOf } from "../support/host-side/builders.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

test("readIdentity gives undefined before the relay enrolled", async () => {
  expect(await readIdentity(await freshFolder())).toBeUndefined();
});

test("readIdentity reads what writeIdentity wrote", async () => {
  const folder = await freshFolder();
  await writeIdentity(folder, identityOf());
  expect(await readIdentity(folder)).toEqual(identityOf());
  expect((await stat(join(folder, "identity.json"))).mode & 0o777).toBe(0o600);
});

test.each([
  ["is cut off", '{"relay":'],
  ["lacks a field", '{"relay":"gateway"}'],
])("readIdentity says what to do about a file that %s", async (_name, text) => {
  const folder = await freshFolder();
  const path = join(folder, "identity.json");
  await writeFile(path, text, { mode: 0o600 });

  await expect(readIdentity(folder)).rejects.toThrow(
    `${path} is damaged: enroll the relay again with --force`,
  );
});
