import { expect, test } from "vitest";
import { bearerToken } from "../../../worker/auth/bearer.ts";

test.each([
  { name: "the usual form", header: "Bearer abc", token: "abc" },
  { name: "another case of the scheme", header: "bEARER abc", token: "abc" },
  { name: "every visible character", header: "Bearer !~-._+/=", token: "!~-._+/=" },
  {
    name: "a token of 4096 characters",
    header: `Bearer ${"a".repeat(4096)}`,
    token: "a".repeat(4096),
  },
  { name: "a longer token", header: `Bearer ${"a".repeat(4097)}`, token: undefined },
  { name: "another scheme", header: "Basic abc", token: undefined },
  { name: "no token", header: "Bearer ", token: undefined },
  { name: "two tokens", header: "Bearer abc def", token: undefined },
  { name: "text beyond ASCII", header: "Bearer äöü", token: undefined },
  { name: "only a token", header: "abc", token: undefined },
])("bearerToken() reads $name", ({ header, token }) => {
  expect(bearerToken(new Headers({ authorization: header }))).toBe(token);
});

test("bearerToken() is undefined without the header", () => {
  expect(bearerToken(new Headers())).toBeUndefined();
});

test("bearerToken() refuses a header that was sent twice", () => {
  const headers = new Headers();
  headers.append("authorization", "Bearer abc");
  headers.append("authorization", "Bearer def");

  expect(bearerToken(headers)).toBeUndefined();
});
