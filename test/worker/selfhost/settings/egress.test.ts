import { expect, test } from "vitest";
import { resolveEgress } from "../../../../worker/selfhost/settings/egress.ts";

test.each([
  ["none", []],
  ["public", ["public"]],
  ["10.0.0.7", ["10.0.0.7/32"]],
  ["10.0.0.7,::1", ["10.0.0.7/32", "::1/128"]],
  ["public,10.0.0.7", ["10.0.0.7/32"]],
])("resolveEgress turns %s into workerd's %j", async (setting, allow) => {
  expect(await resolveEgress(setting, [])).toEqual(allow);
});

test("resolveEgress looks a host name up", async () => {
  const allow = await resolveEgress("none", ["localhost"]);

  expect(allow.some((address) => address === "127.0.0.1/32" || address === "::1/128")).toBe(true);
});
