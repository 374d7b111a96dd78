import { describe, expect, test } from "vitest";
import { identityOf } from "../../../worker/external/claims.ts";
import type { ExternalSettings } from "../../../worker/external/settings.ts";

const PLANT = "a".repeat(64);
const DEPOT = "b".repeat(64);
const SETTINGS: ExternalSettings = {
  issuer: "https://idp.example",
  jwks_url: "https://idp.example/keys",
  algorithms: ["RS256"],
  audiences: ["https://aimdb.example/mcp"],
  client_ids: [],
  team: { claim: "org", values: { plant: PLANT, depot: DEPOT } },
  role: { claim: "groups", values: { readers: "viewer", writers: "operator" } },
};
const COGNITO: ExternalSettings = { ...SETTINGS, audiences: [], client_ids: ["app"] };

const CLAIMS = {
  sub: "ada",
  iat: 1_000,
  exp: 4_600,
  aud: "https://aimdb.example/mcp",
  org: "plant",
  groups: ["readers"],
};
const COGNITO_CLAIMS = { ...CLAIMS, aud: undefined, client_id: "app", token_use: "access" };

const AT = { typ: "at+jwt" };

describe("an access token", () => {
  test("of RFC 9068 says who, in which team, with which role", () => {
    expect(identityOf(AT, CLAIMS, SETTINGS)).toEqual({
      subject: "ada",
      client: "",
      team: PLANT,
      role: "viewer",
      expiresAtS: 4_600,
    });
  });

  test("of Cognito does so without a type and an audience", () => {
    expect(identityOf({}, COGNITO_CLAIMS, COGNITO)).toMatchObject({
      subject: "ada",
      client: "app",
    });
  });

  test.each(["AT+JWT", "application/at+jwt"])("may have the type %s", (typ) => {
    expect(identityOf({ typ }, CLAIMS, SETTINGS)).toBeDefined();
  });

  test.each([
    { name: "several audiences", change: { aud: ["x", "https://aimdb.example/mcp"] } },
    { name: "one team in a list", change: { org: ["plant", "unknown", "plant"] } },
    { name: "a lifetime of a day", change: { exp: CLAIMS.iat + 86_400 } },
  ])("may have $name", ({ change }) => {
    expect(identityOf(AT, { ...CLAIMS, ...change }, SETTINGS)).toMatchObject({ team: PLANT });
  });

  test("of somebody with two roles gives the higher one", () => {
    const claims = { ...CLAIMS, groups: ["readers", "writers", "others"] };

    expect(identityOf(AT, claims, SETTINGS)).toMatchObject({ role: "operator" });
  });

  test("may be mapped as a whole", () => {
    const settings = { ...SETTINGS, team: DEPOT, role: "operator" as const };

    expect(identityOf(AT, { ...CLAIMS, org: 1, groups: null }, settings)).toMatchObject({
      team: DEPOT,
      role: "operator",
    });
  });
});

describe("what opens nothing", () => {
  test.each([
    { name: "an ID token", header: { typ: "JWT" }, change: {} },
    { name: "a token without a type", header: {}, change: {} },
    { name: "an ID token that is typed as another", header: AT, change: { token_use: "id" } },
    { name: "a token for somebody else", header: AT, change: { aud: "https://other.example" } },
    { name: "a token for nobody", header: AT, change: { aud: undefined } },
    { name: "a token for a part of us", header: AT, change: { aud: "https://aimdb.example" } },
    { name: "one of more than a day", header: AT, change: { exp: CLAIMS.iat + 86_401 } },
    { name: "one without an end", header: AT, change: { exp: undefined } },
    { name: "one without a beginning", header: AT, change: { iat: undefined } },
    { name: "one of nobody", header: AT, change: { sub: "" } },
    { name: "one of a very long name", header: AT, change: { sub: "x".repeat(256) } },
    { name: "one of an unmapped team", header: AT, change: { org: "other" } },
    { name: "one of no team", header: AT, change: { org: undefined } },
    { name: "one of two teams", header: AT, change: { org: ["plant", "depot"] } },
    { name: "one of an inherited name", header: AT, change: { org: "constructor" } },
    { name: "one of an unmapped role", header: AT, change: { groups: ["others"] } },
    { name: "one of no role", header: AT, change: { groups: [] } },
  ])("is $name", ({ header, change }) => {
    expect(identityOf(header, { ...CLAIMS, ...change }, SETTINGS)).toBeUndefined();
  });

  test.each([
    { name: "another client's", change: { client_id: "other" } },
    { name: "no client's", change: { client_id: undefined } },
    { name: "an ID token", change: { token_use: "id" } },
    { name: "of another audience", change: { aud: "other" } },
  ])("is a token of Cognito that is $name", ({ change }) => {
    expect(identityOf({}, { ...COGNITO_CLAIMS, ...change }, COGNITO)).toBeUndefined();
  });

  test("is a token for us by a client that is not listed, where clients are", () => {
    const settings = { ...SETTINGS, client_ids: ["app"] };

    expect(identityOf(AT, { ...CLAIMS, azp: "app" }, settings)).toBeDefined();
    expect(identityOf(AT, { ...CLAIMS, azp: "other" }, settings)).toBeUndefined();
    expect(identityOf(AT, CLAIMS, settings)).toBeUndefined();
  });

  test.each([null, "text", 1, [], {}])("is %j", (payload) => {
    expect(identityOf(AT, payload, SETTINGS)).toBeUndefined();
  });
});
