import { expect, test } from "vitest";
import { errorResponse } from "../../../../worker/http/answer/error-response.ts";

test("errorResponse() puts all but the status into the body", async () => {
  const error = { code: "name_taken", message: "Taken.", free_name: "gw-2" };
  const response = errorResponse({ status: 409, ...error });

  expect(response.status).toBe(409);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toEqual({ error });
});

test.each([
  { status: 401, challenge: "Bearer" },
  { status: 403, challenge: null },
] as const)(
  "errorResponse() with $status has the challenge $challenge",
  ({ status, challenge }) => {
    const response = errorResponse({ status, code: "x", message: "x" });

    expect(response.headers.get("www-authenticate")).toBe(challenge);
  },
);
