/** How many bytes a team's calls and event streams are answered with in a day, as the worker's setting says. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { ADMIN_TOKEN } from "../support/clients/admin-api.ts";
import { EventSource } from "../support/clients/event-source.ts";
import { TestBed } from "../support/processes/test-bed.ts";

const PER_DAY = 40_000;

let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.open({ TEAM_BYTES_PER_DAY: String(PER_DAY) });
  await bed.host("plant");
  await bed.relay("gw", ["plant"]);
});

afterAll(() => bed?.close());

async function bytesToday(): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const text = await (await fetch(new URL("/metrics", bed.worker.url), { headers })).text();
  return Number(/^aimdb_team_day_bytes\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

test("what a stream sent is counted when its reader has gone", async () => {
  const token = await bed.worker.createAccessToken();
  const source = await EventSource.open(bed.worker.url, { token });
  await source.next("relay");
  source.cut();

  const bytes = await waitFor(20_000, async () => (await bytesToday()) || undefined);

  expect(bytes).toBeGreaterThan(100);
});

test("a team that was answered with all its bytes reads nothing until midnight", async () => {
  const client = await bed.client();
  const refused = await waitFor(30_000, async () => {
    const { json } = await client.call("discover_instances");
    const read = await client.call("list_records", { instance: json.instances[0]?.instance });
    return read.json.error?.code === "team_limit" ? read.json.error : undefined;
  });

  expect(refused).toMatchObject({
    message: expect.stringContaining("TEAM_BYTES_PER_DAY"),
    retry_after_s: expect.any(Number),
  });
  expect(await bytesToday()).toBeGreaterThanOrEqual(PER_DAY);
});
