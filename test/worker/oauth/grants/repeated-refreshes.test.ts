import { expect, test } from "vitest";
import { RepeatedRefreshes } from "../../../../worker/oauth/grants/repeated-refreshes.ts";

const REQUEST = { grant: "g", hash: "h" };
const ANSWER = { status: 200, headers: {}, body: "tokens" };
const GIVEN = { answer: ANSWER, refreshTokenId: "r1" };

test("the same request gets the same answer for ten seconds", () => {
  const refreshes = new RepeatedRefreshes();
  refreshes.keep(REQUEST, GIVEN, 0);

  expect(refreshes.answerTo(REQUEST, "r1", 9_999)).toBe(ANSWER);
  expect(refreshes.answerTo(REQUEST, "r1", 10_000)).toBeUndefined();
});

test("another request, or one of another grant, gets none", () => {
  const refreshes = new RepeatedRefreshes();
  refreshes.keep(REQUEST, GIVEN, 0);

  expect(refreshes.answerTo({ ...REQUEST, hash: "x" }, "r1", 1)).toBeUndefined();
  expect(refreshes.answerTo({ ...REQUEST, grant: "x" }, "r1", 1)).toBeUndefined();
});

test("once the grant has changed, or is gone, there is none", () => {
  const refreshes = new RepeatedRefreshes();
  refreshes.keep(REQUEST, GIVEN, 0);

  expect(refreshes.answerTo(REQUEST, "r2", 1)).toBeUndefined();
  expect(refreshes.answerTo(REQUEST, undefined, 1)).toBeUndefined();
});

test("a refusal is not kept", () => {
  const refreshes = new RepeatedRefreshes();
  refreshes.keep(REQUEST, { answer: { ...ANSWER, status: 400 }, refreshTokenId: "r1" }, 0);
  refreshes.keep({ ...REQUEST, grant: "gone" }, { answer: ANSWER, refreshTokenId: undefined }, 0);

  expect(refreshes.answerTo(REQUEST, "r1", 1)).toBeUndefined();
  expect(refreshes.answerTo({ ...REQUEST, grant: "gone" }, undefined, 1)).toBeUndefined();
});
