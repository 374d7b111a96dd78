import fc from "fast-check";
import people from "../../../docs/people.md?raw";
import { describe, expect, test } from "vitest";
import { readExternalSettings } from "../../../worker/external/settings.ts";

const SETTINGS = {
  issuer: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc",
  jwks_url: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc/.well-known/jwks.json",
  client_ids: ["client"],
  team: "a".repeat(64),
  role: { claim: "cognito:groups", values: { operators: "operator" } },
};

function read(change: Record<string, unknown> = {}) {
  return readExternalSettings(JSON.stringify({ ...SETTINGS, ...change }));
}

describe("EXTERNAL_ISSUER", () => {
  test("is read, with RS256 and ES256 if no algorithm is named", () => {
    const settings = read();

    expect(settings).toMatchObject({
      ok: true,
      value: { ...SETTINGS, audiences: [], algorithms: ["RS256", "ES256"] },
    });
  });

  test("is as docs/people.md shows it", () => {
    const [, example = ""] = /```json external-issuer\n(.*?)```/s.exec(people) ?? [];

    expect(readExternalSettings(example)).toMatchObject({
      ok: true,
      value: { role: expect.anything() as object },
    });
  });

  test.each([
    { name: "an address that is not https", change: { issuer: "http://idp.example" } },
    {
      name: "keys at plain HTTP elsewhere",
      change: { jwks_url: "http://localhost.evil.example/" },
    },
    { name: "a shared secret", change: { algorithms: ["HS256"] } },
    { name: "no signature", change: { algorithms: ["none"] } },
    { name: "no algorithm", change: { algorithms: [] } },
    { name: "nobody it is for", change: { client_ids: [] } },
    { name: "owners", change: { role: "owner" } },
    { name: "a team that is none", change: { team: "plant" } },
    { name: "no team", change: { team: undefined } },
    { name: "a misspelt field", change: { audience: ["x"] } },
  ])("is refused with $name", ({ change }) => {
    expect(read(change)).toMatchObject({
      ok: false,
      error: expect.stringContaining("EXTERNAL_ISSUER") as string,
    });
  });

  test("is refused where it is no JSON, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(readExternalSettings(text).ok).toBe(false);
      }),
    );
  });
});
