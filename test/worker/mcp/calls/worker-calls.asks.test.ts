/** Everything fails: links break, objects are reset, hosts break off. How often is the device asked? */
import { abortAllDurableObjects } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { cleanUp } from "../../support/clean-up.ts";
import { enrollDevice } from "../../support/device.ts";
import { callTool } from "../../support/mcp.ts";
import { Refused, ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam } from "../../support/team.ts";

afterEach(cleanUp);

const BROKEN = new Refused("instance_down", "It broke off.", { retry_after_s: 0 });

test.each([
  ["an instance that is named", { record_name: "sensor.temp", instance: "gw-1/plant" }],
  ["one that is looked for, whose read goes ahead", { record_name: "sensor.temp" }],
])("a read of %s is asked three times at most", async (_, input) => {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const first = await ScriptedRelay.connect(device);
  const reading = callTool(await team.accessToken(), "get_record", input);
  const asked: string[] = [];
  const take = async (relay: ScriptedRelay) => {
    const request = await relay.nextRequest();
    asked.push(request.method);
    return request;
  };

  first.refuse(await take(first), BROKEN);
  await take(first);
  await abortAllDurableObjects();
  const next = await ScriptedRelay.connect(device);
  next.refuse(await take(next), BROKEN);

  expect((await reading).isError).toBe(true);
  expect(asked).toEqual(["record.get", "record.get", "record.get"]);
  expect(next.untakenFrames).toBe(0);
});
