import { expect, test } from "vitest";
import { fakeInstance } from "../support/builders.ts";
import { ask } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

test("the list of instances says when it was made, as the plan has it", async () => {
  const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);

  const { result } = JSON.parse(await ask(fleet, "resources/read", { uri: "aimdb://instances" }));

  expect(JSON.parse(result.contents[0].text)).toMatchObject({
    instances: [{ instance: "gw-1/plant" }],
    last_scan: "2026-11-20T10:00:00.000Z",
  });
});
