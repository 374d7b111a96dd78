/** A relay in service: asked how it is, told to stop while people work. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import type { RelayProcess } from "../support/processes/relay-process.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

let bed: TestBed;
let client: ConnectedClient;
let relay: RelayProcess;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.host("plant");
  relay = await bed.relay("gw", ["plant"]);
  client = await bed.client();
  await untilStatus(client, "gw/plant", "up");
});

afterAll(() => bed.close());

test("a read that waits on a relay is answered when the relay stops; the next is refused [L-2] [L-4]", async () => {
  const watching = client.call("subscribe_record", {
    instance: "gw/plant",
    record_name: "app.readonly",
    duration_seconds: 25,
  });
  // The status says that the call has arrived at the relay.
  await waitFor(10_000, async () =>
    (await statusOf(relay)).link.calls_under_way > 0 ? true : undefined,
  );

  const exit = relay.stop();
  const watched = await watching;

  expect(watched.isError).toBe(false);
  expect(watched.json).toMatchObject({ complete: false });
  expect(await exit).toBe(0);
  const record = { instance: "gw/plant", record_name: "app.readonly" };
  expect((await client.call("get_record", record)).json).toMatchObject({ stale: true });
  const next = await client.call("list_records", { instance: "gw/plant" });
  expect(next.json).toMatchObject({ error: { code: "relay_offline" } });
});

test("doctor finds nothing wrong, and leaves the link of the running relay alone", async () => {
  const again = await bed.relay("gw-2", ["plant"]);
  await untilStatus(client, "gw-2/plant", "up");
  const before = await statusOf(again);

  const report = JSON.parse(await again.command(["doctor", "--json"]));

  expect(report.checks.filter(({ status }: { status: string }) => status === "FAIL")).toEqual([]);
  expect(report.checks).toContainEqual(
    expect.objectContaining({ check: "key accepted", status: "PASS" }),
  );
  expect((await statusOf(again)).link.session).toBe(before.link.session);
});

test("a relay whose key was rotated links by the new one, and may rotate again [D-14] [D-15]", async () => {
  const rotating = await bed.relay("gw-3", ["plant"]);
  await untilStatus(client, "gw-3/plant", "up");

  const told = await rotating.command(["rotate"]);
  await rotating.stop();
  rotating.start();
  await untilStatus(client, "gw-3/plant", "up");

  expect(told).toContain('"gw-3" has a new key.');
  // Signed by the new key: the old one may rotate no more, now that the new one has dialed.
  expect(await rotating.command(["rotate"])).toContain('"gw-3" has a new key.');
});

interface Status {
  readonly link: { readonly calls_under_way: number; readonly session: string };
}

async function statusOf(process: RelayProcess): Promise<Status> {
  return JSON.parse(await process.command(["status", "--json"]));
}
