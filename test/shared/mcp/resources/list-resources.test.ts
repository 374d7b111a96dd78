import { expect, test } from "vitest";
import { listResources } from "#shared/mcp/resources/list-resources.ts";
import { fakeInstance } from "../support/builders.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

async function listed(form: "instance" | "socket", count: number) {
  const fleet = new FakeFleet(
    Array.from({ length: count }, (_, n) => fakeInstance(`gw-1/plant${n}`)),
  );
  const uris: string[] = [];
  for (let cursor: string | undefined = "0"; cursor !== undefined;) {
    const page = await listResources(fleet, form, cursor);
    uris.push(...page.resources.map(({ uri }) => uri));
    cursor = page.nextCursor;
  }
  return uris;
}

test("an instance has its records and its metrics as resources, by its name or its socket's path", async () => {
  const byName = await listed("instance", 1);
  const bySocket = await listed("socket", 1);

  expect(byName).toEqual([
    "aimdb://instances",
    "aimdb://gw-1/plant0/records",
    "aimdb://gw-1/plant0/metrics",
  ]);
  expect(bySocket.slice(1)).toEqual([
    "aimdb:///tmp/plant0.sock/records",
    "aimdb:///tmp/plant0.sock/metrics",
  ]);
});

test("each of 45 instances is on one page", async () => {
  const uris = await listed("instance", 45);

  expect(uris).toHaveLength(1 + 2 * 45);
  expect(new Set(uris).size).toBe(uris.length);
});
