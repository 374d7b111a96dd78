/** What a caller may ask of a relay in a minute, and a team in a day, as the worker's settings say. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const PER_RELAY = 30;
const PER_DAY = 100;

let bed: TestBed;
let client: ConnectedClient;

beforeAll(async () => {
  bed = await TestBed.open({
    RELAY_CALLS_PER_MINUTE: String(PER_RELAY),
    TEAM_CALLS_PER_DAY: String(PER_DAY),
  });
  await bed.host("plant");
  await bed.relay("gw", ["plant"]);
  client = await bed.client();
  await untilStatus(client, "gw/plant", "up");
});

afterAll(() => bed?.close());

const read = async (by: ConnectedClient) =>
  (await by.call("get_record", { instance: "gw/plant", record_name: "app.readonly" })).json.error;

test("a caller that asks a relay too often is told which limit it met, and when to come again", async () => {
  let asked = 0;
  const refused = await waitFor(20_000, async () => {
    for (let n = 0; n <= PER_RELAY; n += 1) {
      const error = await read(client);
      if (error !== undefined) return error;
      asked += 1;
    }
    return undefined;
  });

  expect(asked).toBeGreaterThanOrEqual(PER_RELAY);
  expect(refused).toMatchObject({
    code: "rate_limited",
    message: expect.stringContaining("RELAY_CALLS_PER_MINUTE"),
    retry_after_s: expect.any(Number),
  });
});

test("a team that has used up its day reads nothing until midnight, and still sees what it has", async () => {
  for (let n = 0; n < PER_DAY; n += 1) await client.call("discover_instances");
  const refused = await waitFor(20_000, async () => {
    const error = await read(client);
    return error?.code === "team_limit" ? error : undefined;
  });
  const { json } = await client.call("discover_instances");

  expect(refused).toMatchObject({
    message: expect.stringContaining("TEAM_CALLS_PER_DAY"),
    retry_after_s: expect.any(Number),
  });
  expect(refused.retry_after_s).toBeLessThanOrEqual(86_400);
  expect(json.instances).toMatchObject([{ instance: "gw/plant", status: "up" }]);
});
