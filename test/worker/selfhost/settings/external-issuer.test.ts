import { describe, expect, test } from "vitest";
import { externalVariables } from "../../../../worker/selfhost/settings/external-issuer.ts";

describe("externalVariables()", () => {
  test("lets the Worker reach the host of the keys", () => {
    const EXTERNAL_ISSUER = JSON.stringify({ jwks_url: "https://idp.example:8443/keys", more: 1 });

    expect(externalVariables({ EXTERNAL_ISSUER })).toEqual({
      variables: ["EXTERNAL_ISSUER"],
      hosts: ["idp.example"],
    });
  });

  test("writes an address as it is looked up", () => {
    const EXTERNAL_ISSUER = JSON.stringify({ jwks_url: "http://[::1]:1/keys" });

    expect(externalVariables({ EXTERNAL_ISSUER }).hosts).toEqual(["::1"]);
  });

  test.each([{}, { EXTERNAL_ISSUER: "" }, { EXTERNAL_ISSUER: undefined }])(
    "has nothing of %j",
    (environment) => {
      expect(externalVariables(environment)).toEqual({ variables: [], hosts: [] });
    },
  );

  test.each(["{", "null", "{}", '{"jwks_url":1}', '{"jwks_url":"nowhere"}'])(
    "says what is wrong with %s",
    (text) => {
      expect(() => externalVariables({ EXTERNAL_ISSUER: text })).toThrow(
        /EXTERNAL_ISSUER.*jwks_url/,
      );
    },
  );
});
