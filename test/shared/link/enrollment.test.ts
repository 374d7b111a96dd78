import { expect, test } from "vitest";
import {
  enrollRequestSchema,
  enrollResponseSchema,
  refusalSchema,
} from "#shared/link/enrollment.ts";

const REQUEST = {
  name: "gateway-1",
  public_key: {
    kty: "OKP",
    crv: "Ed25519",
    x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  },
  proof: "e30.e30.c2ln",
};
const RESPONSE = {
  relay: "gateway-1",
  relay_id: "5f".repeat(32),
  installation: "b0e3c1f2a4d59687",
  team: { id: "81".repeat(32), name: "Plant 7" },
  link_url: "wss://aimdb.example.com/relay",
};

test.each([
  ["one character", "g", true],
  ["40 characters", "g".repeat(40), true],
  ["41 characters", "g".repeat(41), false],
  ["no character", "", false],
  ["an upper case letter", "Gateway", false],
  ["a slash", "a/b", false],
  ["a dot", "gateway.local", false],
  ["a line break at its end", "gateway\n", false],
])("a relay may ask for a name with %s", (_name, name, success) => {
  expect(enrollRequestSchema.safeParse({ ...REQUEST, name }).success).toBe(success);
});

test.each([
  ["no key", { public_key: undefined }],
  ["no proof", { proof: undefined }],
  ["a proof of 2001 characters", { proof: "p".repeat(2_001) }],
])("an enrollment with %s is refused", (_name, fields) => {
  expect(enrollRequestSchema.safeParse({ ...REQUEST, ...fields }).success).toBe(false);
});

test("an enrollment drops what it does not know, a private key above all", () => {
  const { public_key } = REQUEST;

  expect(
    enrollRequestSchema.parse({
      ...REQUEST,
      public_key: { ...public_key, d: "secret" },
      team: "x",
    }),
  ).toEqual(REQUEST);
});

test.each(["relay", "relay_id", "installation", "team", "link_url"])(
  "an answer without %s is refused",
  (field) => {
    expect(enrollResponseSchema.safeParse({ ...RESPONSE, [field]: undefined }).success).toBe(false);
  },
);

test.each([
  ["a refusal", { code: "unauthorized", message: "No." }, true],
  ["a name that is free", { code: "name_taken", message: "No.", free_name: "gateway-2" }, true],
  ["the worker's time", { code: "clock", message: "No.", server_time_ms: 1 }, true],
  ["no message", { code: "unauthorized" }, false],
  ["a free name that is none", { code: "name_taken", message: "No.", free_name: "A b" }, false],
])("a refusal may hold %s", (_name, error, success) => {
  expect(refusalSchema.safeParse({ error }).success).toBe(success);
});
