import { expect, test } from "vitest";
import { ask, explained } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

async function errorOf(fleet: FakeFleet, method: string, params: object): Promise<unknown> {
  return JSON.parse(await ask(fleet, method, params)).error;
}

test.each([
  { method: "completion/complete", params: { ref: [], argument: 5 } },
  { method: "completion/complete", params: {} },
  { method: "resources/read", params: {} },
  { method: "resources/list", params: { cursor: 5 } },
  { method: "prompts/get", params: { name: ["debug_record"] } },
  { method: "tools/call", params: { name: 5 } },
])("$method with parameters $params of the wrong form is the caller's error", async (request) => {
  const error = await errorOf(new FakeFleet(), request.method, request.params);

  expect(error).toEqual({ code: -32_602, message: expect.stringMatching(/^[^]{1,400}$/) });
});

test.each([
  { method: "resources/list", params: {} },
  {
    method: "completion/complete",
    params: {
      ref: { type: "ref/prompt", name: "debug_record" },
      argument: { name: "instance", value: "" },
    },
  },
])("$method tells of a failure that nobody foresaw in our own words", async (request) => {
  const fleet = new FakeFleet();
  const secret = new Error("at /srv/aimdb with token s3cret");
  fleet.instances = () => Promise.reject(secret);

  expect(await errorOf(fleet, request.method, request.params)).toEqual({
    code: -32_603,
    message: "Something failed.",
  });
  expect(explained.at(-1)).toBe(secret);
});
