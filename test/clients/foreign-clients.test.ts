/** Clients that others wrote: each lists the tools and calls one. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestBed } from "../support/processes/test-bed.ts";
import { FOREIGN_CLIENTS, type Target } from "./foreign-clients.ts";
import { stdioCommand } from "../support/clients/stdio-command.ts";

let bed: TestBed;
let remote: Target;
let local: Target;

beforeAll(async () => {
  bed = await TestBed.withPlant();
  remote = { at: "url", url: bed.worker.mcpUrl, token: await bed.worker.createAccessToken() };
  local = { at: "command", command: await stdioCommand(bed.folder, [bed.socket("plant")]) };
});

afterAll(() => bed.close());

describe.each(FOREIGN_CLIENTS)(
  "$name lists and calls tools, and connects to nothing else",
  ({ call }) => {
    test.each([
      { where: "at the connector URL", target: () => remote, instance: "gw/plant" },
      { where: "of aimdb-relay stdio", target: () => local, instance: "local/plant" },
    ])("$where", async ({ target, instance }) => {
      const args = { instance, record_name: "app.readonly" };

      const { tools, result, foreignAddresses } = await call(target(), args, bed.folder);

      expect(tools).toEqual(
        expect.arrayContaining(["discover_instances", "get_record", "set_record"]),
      );
      expect(result).toMatchObject({ instance, value: { up: 7 }, stale: false });
      expect(foreignAddresses).toEqual([]);
    });
  },
);
