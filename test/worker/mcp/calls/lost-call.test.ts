import { expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { LATE } from "../../../../worker/late-error.ts";
import { LOST, lostWrite } from "../../../../worker/mcp/calls/lost-call.ts";
import type { WriteCall } from "../../../../worker/relay/rpc.ts";

const CALL: WriteCall = {
  principal: { id: "ann", team: "team", scopes: ["aimdb:write"], rightsVersion: 1 },
  id: "id",
  instance: "plant",
  record: "a",
  value: 1,
  isDryRun: false,
  skipsValidation: false,
  asks: { form: false, url: false },
};

const NO_ROW = failure("unknown_call", "There is none.");

test.each([
  ["was reset and left no row is not applied", [LOST, NO_ROW], "not_applied internal"],
  ["was reset and can't be read is unknown", [LOST, LOST], "unknown internal"],
  ["hung, and may go on, is unknown", [LATE, NO_ROW], "unknown deadline_exceeded"],
] as const)("a write whose object %s", (_, [why, unread], expected) => {
  const [outcome, code] = expected.split(" ");

  expect(lostWrite("relay", CALL, { why, unread })).toMatchObject({
    callId: "relay.id",
    status: "ended",
    outcome: { outcome, code },
  });
});
