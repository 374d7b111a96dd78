import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  grantKey,
  grantOfKey,
  namedGrantOf,
  toUserId,
} from "../../../../worker/oauth/grants/user-id.ts";

const TEAM = "a".repeat(64);
const ACCOUNT = "0".repeat(64);
const GRANT = "Abc-_56789012345";
const NAMED = { team: TEAM, account: ACCOUNT, grant: GRANT };
const SECRET = "s".repeat(32);

test("a token names its team, account and grant", () => {
  expect(namedGrantOf(`${toUserId(NAMED)}:${GRANT}:${SECRET}`)).toEqual(NAMED);
});

test("a grant is known by its key, and by those of its tokens", () => {
  expect(grantOfKey(grantKey(NAMED))).toBe(GRANT);
  expect(grantOfKey(`token:${toUserId(NAMED)}:${GRANT}:${"0".repeat(64)}`)).toBe(GRANT);
  expect(grantOfKey(`client:${GRANT}`)).toBeUndefined();
});

describe("no token is", () => {
  test.each([
    "",
    "abc",
    `${toUserId(NAMED)}:${GRANT}`,
    `${toUserId(NAMED)}:${GRANT}:${SECRET}:more`,
    `${toUserId(NAMED)}:${GRANT}:${SECRET}\n`,
    ` ${toUserId(NAMED)}:${GRANT}:${SECRET}`,
    `${toUserId(NAMED).toUpperCase()}:${GRANT}:${SECRET}`,
    `${toUserId(NAMED)}:${GRANT.slice(1)}:${SECRET}`,
    `${toUserId(NAMED)}:${GRANT}:${SECRET.slice(1)}`,
    `${TEAM}:${GRANT}:${SECRET}`,
    `${toUserId(NAMED)}:%grant%56789012:${SECRET}`,
  ])("%j", (text) => {
    expect(namedGrantOf(text)).toBeUndefined();
  });

  test("whatever else comes", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(namedGrantOf(text)).toBeUndefined();
        expect(grantOfKey(text)).toBeUndefined();
      }),
    );
  });
});
