import { expect, test } from "vitest";
import { AskedAhead } from "../../../../worker/mcp/calls/asked-ahead.ts";

const AHEAD = { method: "record.get", params: { record: "a" }, deadlineMs: 5_000 } as const;
const CALL = { ...AHEAD, instance: "gw/plant" };
const ANSWER = { ok: true, value: 7, sessionStartedAtMs: 0 } as const;

test("AskedAhead gives an answer once, so that a repeated call asks anew", () => {
  const ahead = new AskedAhead();
  ahead.note(AHEAD, new Map([["gw/plant", ANSWER]]));

  expect(ahead.take({ ...CALL, params: { record: "b" } })).toBeUndefined();
  expect(ahead.take(CALL)).toEqual(ANSWER);
  expect(ahead.take(CALL)).toBeUndefined();
});
