import { describe, expect, test } from "vitest";
import { adminUsage, parseAdminArguments } from "../../../../worker/selfhost/admin/arguments.ts";
import { ADMIN_COMMANDS } from "../../../../worker/selfhost/admin/commands.ts";

function request(line: string) {
  const parsed = parseAdminArguments(line.split(" "));
  if (!parsed.ok || parsed.value.type !== "request") throw new Error("Not a request");
  const { command, path, body, json } = parsed.value;
  return { method: command.method, path, body, json };
}

describe("parseAdminArguments()", () => {
  test.each([
    [
      "join-token --name gw-* --hours 2 --json",
      { method: "POST", path: "/join-tokens", body: { name_pattern: "gw-*", expires_in_hours: 2 } },
    ],
    ["join-tokens", { method: "GET", path: "/join-tokens" }],
    ["join-token revoke 00ff", { method: "DELETE", path: "/join-tokens/00ff" }],
    [
      "access-token --scope aimdb:read --scope aimdb:write --service",
      { path: "/access-tokens", body: { scopes: ["aimdb:read", "aimdb:write"], service: true } },
    ],
    [
      "invite --role operator --email a@example.com",
      { body: { role: "operator", email: "a@example.com" } },
    ],
    ["members --team abc", { method: "GET", path: "/members?team=abc" }],
    [
      "member role 00ff --role viewer",
      { method: "PATCH", path: "/members/00ff", body: { role: "viewer" } },
    ],
    [
      "relay rename gw-1 --label Hall",
      { method: "PATCH", path: "/relays/gw-1", body: { label: "Hall" } },
    ],
    [
      "password-link ada@example.com",
      { method: "POST", path: "/password-links", body: { email: "ada@example.com" } },
    ],
    ["relay suspend gw-1", { method: "POST", path: "/relays/gw-1/suspend", body: {} }],
    ["relay revoke ../x --json", { method: "DELETE", path: "/relays/..%2Fx", json: true }],
    ["relays", { path: "/relays", json: false }],
    [
      "activity --since 2026-11-26T00:00:00Z --limit 5",
      { method: "GET", path: "/activity?since=2026-11-26T00%3A00%3A00Z&limit=5" },
    ],
    ["activity verify", { method: "GET", path: "/activity/verify" }],
    [
      "settings set --retention-days 30",
      { method: "PUT", path: "/settings", body: { retention_days: 30 } },
    ],
  ])("makes of %j a request", (line, expected) => {
    expect(request(line)).toMatchObject(expected);
  });

  test.each([
    ["nothing", /There is no command "nothing"/],
    ["relay", /There is no command "relay"/],
    ["relay revoke", /takes NAME/],
    ["relay revoke a b", /takes NAME/],
    ["members extra", /takes no argument/],
    ["join-token --hours two", /--hours takes a whole number/],
    ["join-token --nonsense", /nonsense/],
    ["--json relays", /There is no command/],
  ])("refuses %j", (line, message) => {
    expect(parseAdminArguments(line.split(" "))).toEqual({
      ok: false,
      error: expect.stringMatching(message),
    });
  });

  test.each([[], ["--help"], ["relays", "--help"], ["-h"]])("helps with %j", (...args) => {
    expect(parseAdminArguments(args)).toEqual({ ok: true, value: { type: "help" } });
  });
});

test("the usage names every command and every option", () => {
  const usage = adminUsage();

  for (const { words, options = {} } of ADMIN_COMMANDS) {
    expect(usage).toContain(`  ${words.join(" ")}`);
    for (const name of Object.keys(options)) expect(usage).toContain(`--${name}`);
  }
});
