import { expect, test } from "vitest";
import { openIdVariables } from "../../../../worker/selfhost/settings/open-id.ts";

test("openIdVariables names what is set, and the issuer's host", () => {
  const environment = {
    OIDC_ISSUER: "https://id.example.com/realms/plant",
    OIDC_CLIENT_ID: "aimdb",
    OIDC_CLIENT_SECRET: "",
    OTHER: "x",
  };

  expect(openIdVariables(environment)).toEqual({
    variables: ["OIDC_ISSUER", "OIDC_CLIENT_ID"],
    hosts: ["id.example.com"],
  });
});

test("openIdVariables names nothing where no provider is configured", () => {
  expect(openIdVariables({ OIDC_ISSUER: "" })).toEqual({ variables: [], hosts: [] });
});

test("openIdVariables takes an IPv6 address without its brackets", () => {
  expect(openIdVariables({ OIDC_ISSUER: "http://[::1]:9000" }).hosts).toEqual(["::1"]);
});

test("openIdVariables refuses an issuer that is no address", () => {
  expect(() => openIdVariables({ OIDC_ISSUER: "nonsense" })).toThrow("OIDC_ISSUER");
});
