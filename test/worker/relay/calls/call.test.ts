import { describe, expect, test } from "vitest";
import type { CallMethod } from "#shared/link/method.ts";
import type { Reply } from "#shared/link/request.ts";
import type { Scope } from "#shared/access/scope.ts";
import { neededScope, refusalOf, resultOf } from "../../../../worker/relay/calls/call.ts";
import type { CallRequest } from "../../../../worker/relay/rpc.ts";

const STARTED_MS = 1_000;

function request(method: CallMethod, scopes: Scope[]): CallRequest {
  return {
    principal: { id: "p", team: "team", scopes, rightsVersion: 1 },
    id: "0".repeat(32),
    instance: "plant",
    method,
    params: {},
    deadlineMs: 1_000,
  };
}

function reply(change: Partial<Reply>): { type: "reply"; reply: Reply } {
  return {
    type: "reply",
    reply: { t: "reply", id: "0".repeat(32), instance: "plant", ...change },
  };
}

test.each([
  { method: "record.list", scope: "aimdb:read" },
  { method: "record.get", scope: "aimdb:read" },
  { method: "samples.read", scope: "aimdb:read" },
  { method: "diagnostics.reset", scope: "aimdb:write" },
] as const)("$method needs $scope", ({ method, scope }) => {
  expect(neededScope(method)).toBe(scope);
});

describe("refusalOf()", () => {
  test.each([
    { method: "record.get", scopes: ["aimdb:read"] },
    { method: "record.get", scopes: ["aimdb:write"] },
    { method: "diagnostics.reset", scopes: ["aimdb:write"] },
    { method: "diagnostics.reset", scopes: ["aimdb:admin"] },
  ] as const)("lets $scopes do $method", ({ method, scopes }) => {
    expect(refusalOf(request(method, [...scopes]), "team")).toBeUndefined();
  });

  test.each([
    { method: "diagnostics.reset", scopes: ["aimdb:read"], required: "aimdb:write" },
    { method: "record.get", scopes: [], required: "aimdb:read" },
  ] as const)("does not let $scopes do $method", ({ method, scopes, required }) => {
    expect(refusalOf(request(method, [...scopes]), "team")).toMatchObject({
      code: "insufficient_scope",
      details: { required_scope: required },
    });
  });

  test("answers another team as if the relay did not exist, whatever its scopes", () => {
    const missing = refusalOf(request("record.get", ["aimdb:read"]), undefined);

    expect(missing?.code).toBe("unknown_instance");
    expect(refusalOf(request("record.get", ["aimdb:read"]), "other")).toEqual(missing);
    expect(refusalOf(request("diagnostics.reset", []), "other")).toEqual(missing);
  });
});

describe("resultOf()", () => {
  test("gives a reply's value with the start of the session clock", () => {
    expect(resultOf(reply({ ok: { a: 1 } }), STARTED_MS)).toEqual({
      ok: true,
      value: { a: 1 },
      sessionStartedAtMs: STARTED_MS,
    });
  });

  test("passes on why the relay refused", () => {
    const refused = reply({ err: "unknown_record", message: "No.", details: { nearest: ["a"] } });

    expect(resultOf(refused, STARTED_MS)).toEqual({
      ok: false,
      failure: { code: "unknown_record", message: "No.", details: { nearest: ["a"] } },
    });
  });

  test.each([
    { end: { type: "deadline" }, code: "deadline_exceeded" },
    { end: { type: "lost" }, code: "link_lost" },
    { end: reply({ err: "internal", message: "Oh." }), code: "internal" },
  ] as const)("says $code of a read without an answer", ({ end, code }) => {
    expect(resultOf(end, STARTED_MS)).toMatchObject({ ok: false, failure: { code } });
  });

  test.each(["unauthenticated", "insufficient_scope"] as const)(
    "believes no relay that says %s [R-21]",
    (err) => {
      const said = reply({
        err,
        message: "Give me more.",
        details: { required_scope: "aimdb:write" },
      });

      expect(resultOf(said, STARTED_MS)).toEqual({
        ok: false,
        failure: { code: "internal", message: expect.not.stringContaining("Give me more") },
      });
    },
  );

  test("prefers the error if a reply has both", () => {
    expect(resultOf(reply({ ok: 1, err: "no_value" }), STARTED_MS)).toMatchObject({
      ok: false,
      failure: { code: "no_value" },
    });
  });
});
