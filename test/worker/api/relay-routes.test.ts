import { afterEach, expect, test } from "vitest";
import { relaysBut } from "../support/broken-relay.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, fetchWorker } from "../support/worker.ts";

afterEach(cleanUp);

test("GET /relays names a relay whose object throws as not reachable, beside the others", async () => {
  const team = await createTeam();
  const broken = await enrollDevice(team, "broken");
  await ScriptedRelay.connect(await enrollDevice(team, "good"));
  const RELAY = relaysBut(broken.relay_id);

  const headers = bearer(ADMIN_TOKEN);
  const response = await fetchWorker(`/api/v1/relays?team=${team.id}`, { headers }, { RELAY });

  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    relays: [
      { name: "broken", status: "active", reachable: false, connected: false, instances: [] },
      { name: "good", reachable: true, connected: true, instances: ["good/plant"] },
    ],
  });
});
