import { afterEach, expect, test } from "vitest";
import { relayOf } from "../../../../../worker/relay/stub.ts";
import { write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { enrollDevice } from "../../../support/device.ts";
import { evict, inObject } from "../../../support/objects.ts";
import { ScriptedRelay } from "../../../support/scripted-relay.ts";
import { createTeam } from "../../../support/team.ts";
import { bindings } from "../../../support/worker.ts";

afterEach(cleanUp);

test.each(["asked", "approved"])(
  "a write that was %s when its object was reset was not made, and is not any more",
  async (state) => {
    const team = await createTeam();
    const principal = await team.principal(["aimdb:write"]);
    const device = await enrollDevice(team);
    const relay = await ScriptedRelay.connect(device);
    const sent: string[] = [];
    relay.script = ({ id }) => {
      sent.push(id);
      return { outcome: "applied", record_key: "sensor.temp", echo: "same" };
    };
    await write(device, principal);
    const [id = ""] = sent;
    await inObject("RELAY", device.relay_id, ({ storage: { sql } }) => {
      const ask = { value: 1, skips_validation: false, credential: null, scopes: [] };
      const text = JSON.stringify(ask);
      sql.exec("UPDATE write_call SET state = ?, outcome = NULL, ask = ?", state, text);
    });
    await evict("RELAY", device.relay_id);

    expect(await relayOf(bindings, device.relay_id).writeReport({ principal, id })).toMatchObject({
      report: {
        status: "ended",
        outcome: {
          outcome: "not_applied",
          message: "The worker lost the write before it was sent. Nothing was changed.",
        },
      },
    });
    expect(sent).toEqual([id]);
  },
);
