import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newerState, requireKnownState } from "../../../relay/identity/state-version.ts";
import { NeedsOperator } from "../../../relay/needs-operator.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

async function folderWith(text: string): Promise<string> {
  const folder = await freshFolder();
  await writeFile(join(folder, "state.json"), text);
  return folder;
}

test("a folder of the first form names none, and may not be there yet", async () => {
  expect(await newerState(await freshFolder())).toBeUndefined();
  expect(await newerState("/nowhere/at/all")).toBeUndefined();
  expect(await newerState(await folderWith('{"version":1}'))).toBeUndefined();
});

test("a folder of a newer form is one for a person, who is told the way back", async () => {
  const folder = await folderWith('{"version":2,"more":true}');

  const refused = await requireKnownState(folder).catch((error: unknown) => error);

  expect(refused).toBeInstanceOf(NeedsOperator);
  expect(String(refused)).toContain(
    `${folder} was written by a newer release of the relay: its form is 2, and this release knows 1. Nothing in it was changed. Install that release again,`,
  );
});

test.each(["", "{", "{}", '{"version":"2"}', '{"version":0}', '{"version":1.5}'])(
  "a form that can't be read is one for a person, who is told what to do: %s",
  async (text) => {
    const refused = await requireKnownState(await folderWith(text)).catch(
      (error: unknown) => error,
    );

    expect(refused).toBeInstanceOf(NeedsOperator);
    expect(String(refused)).toMatch(/state\.json is damaged: put back a copy of the folder/);
  },
);
