import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { evict, objectIds } from "../support/objects.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

const directory = () => directoryOf(bindings);

describe("the directory object", () => {
  test("has one installation id of 128 random bits, even if its memory is lost", async () => {
    const first = await directory().installation();
    await evict("DIRECTORY", bindings.DIRECTORY.idFromName("directory").toString());

    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await directory().installation()).toBe(first);
  });

  test("gives everyone who asks at once the same default team", async () => {
    const before = await objectIds("TEAM");
    const teams = await Promise.all(Array.from({ length: 8 }, () => directory().defaultTeam()));

    expect(new Set(teams.map(({ id }) => id)).size).toBe(1);
    expect(teams[0]?.name).toBe("default");
    expect(await objectIds("TEAM")).toHaveLength(before.length + 1);
  });

  test("makes no other team than the one that is asked for, which then is the default", async () => {
    const created = await directory().createTeam("plant");

    expect(created.name).toBe("plant");
    expect(await directory().teams()).toEqual([created]);
    expect(await directory().defaultTeam()).toEqual(created);
  });

  test("makes teams that exist: they issue tokens", async () => {
    const { id } = await directory().createTeam("plant");
    const options = {
      namePattern: "*",
      createdBy: "operator",
      lifetimeMs: 1_000,
      nowMs: Date.now(),
    };

    expect(await teamOf(bindings, id)?.createJoinToken(options)).toMatchObject({ ok: true });
  });

  test("allows two teams of one name", async () => {
    const [a, b] = [await directory().createTeam("plant"), await directory().createTeam("plant")];

    expect(a.id).not.toBe(b.id);
  });
});
