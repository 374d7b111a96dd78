import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { teamOf } from "../../../worker/team/stub.ts";
import { enrollDevice } from "../support/device.ts";
import { createTeam } from "../support/team.ts";
import { bindings, sendApi } from "../support/worker.ts";

afterEach(() => reset());

const NOW_MS = Date.UTC(2026, 10, 26, 9, 30);

async function withRelay() {
  const team = await createTeam();
  await enrollDevice(team);
  const stub = teamOf(bindings, team.id);
  const note = (networks: string[], nowMs = NOW_MS) =>
    stub?.noteCloneSuspected({ relay: "gw-1", networks, nowMs });
  const suspicion = async () => {
    const response = await sendApi(`relays?team=${team.id}`, "GET");
    const { relays } = await response.json<{ relays: { clone_suspected: unknown }[] }>();
    return relays[0]?.clone_suspected;
  };
  return { team, note, suspicion };
}

describe("a relay whose key two devices seem to have", () => {
  test("is listed with when and from where, until it is dismissed", async () => {
    const { team, note, suspicion } = await withRelay();
    expect(await suspicion()).toBeNull();
    await note(["203.0.113.0/24", "198.51.100.0/24"]);
    await note(["198.51.100.0/24", "2001:db8:1::/48"], NOW_MS + 11 * 60_000);

    expect(await suspicion()).toEqual({
      first_at: "2026-11-26T09:30:00.000Z",
      last_at: "2026-11-26T09:41:00.000Z",
      networks: ["203.0.113.0/24", "198.51.100.0/24", "2001:db8:1::/48"],
    });
    const path = `relays/gw-1/dismiss-clone?team=${team.id}`;
    expect((await sendApi(path, "POST")).status).toBe(204);
    expect(await suspicion()).toBeNull();
  });

  test("of another team, or that nobody has, is not found", async () => {
    const { note } = await withRelay();
    await note(["203.0.113.0/24"]);
    const other = await createTeam("other");

    for (const name of ["gw-1", "nobody"]) {
      const path = `relays/${name}/dismiss-clone?team=${other.id}`;
      expect((await sendApi(path, "POST")).status).toBe(404);
    }
  });

  test("is forgotten with the relay", async () => {
    const { team, note, suspicion } = await withRelay();
    await note(["203.0.113.0/24"]);
    await sendApi(`relays/gw-1?team=${team.id}`, "DELETE");
    await enrollDevice(team);

    expect(await suspicion()).toBeNull();
  });
});

describe("the relay policy", () => {
  test("is alert until it is replaced", async () => {
    const { id } = await createTeam();
    const read = async () => (await sendApi(`relay-policy?team=${id}`, "GET")).json();
    expect(await read()).toEqual({ on_clone: "alert" });

    const put = await sendApi("relay-policy", "PUT", { on_clone: "suspend", team: id });

    expect(await put.json()).toEqual({ on_clone: "suspend" });
    expect(await read()).toEqual({ on_clone: "suspend" });
  });

  test.each([{}, { on_clone: "revoke" }, { on_clone: "alert", more: 1 }])(
    "is not %j",
    async (body) => {
      const { id } = await createTeam();

      expect((await sendApi("relay-policy", "PUT", { ...body, team: id })).status).toBe(400);
    },
  );
});
