/** Clients that others wrote: each lists the tools and calls one. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestBed, untilStatus } from "../support/test-bed.ts";
import { FOREIGN_CLIENTS, type Target } from "./foreign-clients.ts";

let bed: TestBed;
let remote: Target;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.host("plant");
  await bed.relay("gw", ["plant"]);
  await untilStatus(await bed.client(), "gw/plant", "up");
  remote = { at: "url", url: bed.worker.mcpUrl, token: await bed.worker.createAccessToken() };
});

afterAll(() => bed.close());

test.each(FOREIGN_CLIENTS)(
  "$name lists and calls tools at the connector URL, and connects to nothing else",
  async ({ call }) => {
    const args = { instance: "gw/plant", record_name: "app.readonly" };

    const { tools, result, foreignAddresses } = await call(remote, args, bed.folder);

    expect(tools).toEqual(
      expect.arrayContaining(["discover_instances", "get_record", "set_record"]),
    );
    expect(result).toMatchObject({ instance: "gw/plant", value: { up: 7 }, stale: false });
    expect(foreignAddresses).toEqual([]);
  },
);
