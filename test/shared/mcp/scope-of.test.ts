import { describe, expect, test } from "vitest";
import { scopeOf } from "#shared/mcp/serving/server.ts";

function call(name: unknown): object {
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } };
}

describe("scopeOf()", () => {
  test.each(["set_record", "reset_diagnostics"])("is to write for %s", (name) => {
    expect(scopeOf(call(name))).toBe("aimdb:write");
  });

  test.each(["get_record", "subscribe_record", "drain_record", "no_such_tool", 7, null])(
    "is to read for %s",
    (name) => {
      expect(scopeOf(call(name))).toBe("aimdb:read");
    },
  );

  test("is to write for a batch with a write in it", () => {
    expect(scopeOf([call("get_record"), call("set_record")])).toBe("aimdb:write");
    expect(scopeOf([call("get_record"), call("get_record")])).toBe("aimdb:read");
  });

  test.each([undefined, null, "text", [], {}, { ...call("set_record"), method: "tools/list" }])(
    "is to read for %j",
    (body) => {
      expect(scopeOf(body)).toBe("aimdb:read");
    },
  );
});
