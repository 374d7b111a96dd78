/** What the operator sees of teams where the directory and a team's own object differ. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { evict, inObject, newObjectId } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";
import { bindings, sendApi } from "../support/worker.ts";

afterEach(() => reset());

describe("a team that was erased, in a directory that was restored from a backup", () => {
  /** The directory has its row again. */
  async function erased(): Promise<string> {
    const id = newObjectId("TEAM");
    const directory = bindings.DIRECTORY.idFromName("directory").toString();
    await directoryOf(bindings).installation();
    await inObject("DIRECTORY", directory, ({ storage: { sql } }) =>
      sql.exec("INSERT INTO team VALUES (?, 'plant', 0)", id).toArray(),
    );
    return id;
  }
  const stored = async () => (await directoryOf(bindings).teams()).map(({ name }) => name);

  test("is not listed, and does not count among several", async () => {
    await erased();
    await createTeam("line");

    const listed = await sendApi("teams", "GET");
    expect(await listed.json()).toMatchObject({ teams: [{ name: "line" }] });
    expect((await sendApi("relays", "GET")).status).toBe(200);
    expect(await stored()).toEqual(["line"]);
  });

  test("is not the one that the first owner link is for", async () => {
    await erased();

    expect((await sendApi("owner-link", "POST", {})).status).toBe(201);
    expect(await stored()).toEqual(["default"]);
  });

  test("goes when the operator deletes it once more, answered as one that never was", async () => {
    const id = await erased();

    expect((await sendApi(`team?team=${id}&name=plant`, "DELETE")).status).toBe(404);
    expect(await stored()).toEqual([]);
  });

  test("is told from one whose object can't be asked, which is listed", async () => {
    const { id } = await createTeam("line");
    await inObject("TEAM", id, ({ storage: { sql } }) =>
      sql.exec("UPDATE schema SET version = 999").toArray(),
    );
    await evict("TEAM", id);

    const listed = await sendApi("teams", "GET");
    expect(await listed.json()).toMatchObject({ teams: [{ name: "line" }] });
  });
});
