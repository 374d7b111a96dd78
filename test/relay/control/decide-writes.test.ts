import { expect, test } from "vitest";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import { decideWrites } from "../../../relay/control/decide-writes.ts";
import { DECIDED_WITHIN_MS } from "../../../relay/control/request.ts";
import type { DeviceWrites } from "../../../relay/writes/device-writes.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const APPLIED: WriteOutcome = { outcome: "applied", record_key: "a", echo: "same" };
const DECISION = { ask: "decide", id: "0".repeat(32), approve: true } as const;

function handlersOf(approve: DeviceWrites["decline"]) {
  const clock = new ManualClock();
  const writes = { waiting: () => [], approve, decline: approve };
  return { clock, handlers: decideWrites(writes, clock) };
}

test("a decision is answered by how the write ended, however long it took", async () => {
  let end = () => {};
  const { clock, handlers } = handlersOf(
    () =>
      new Promise((resolve) => {
        end = () => resolve(ok(APPLIED));
      }),
  );
  const decided = handlers.decide(DECISION);
  clock.advance(DECIDED_WITHIN_MS - 1);
  end();
  expect(await decided).toEqual(APPLIED);
  expect(clock.timerCount).toBe(0);
});

test("a decision is answered in time by that the write is under way", async () => {
  const { clock, handlers } = handlersOf(() => new Promise(() => {}));
  const decided = handlers.decide(DECISION);
  clock.advance(DECIDED_WITHIN_MS);
  expect(await decided).toMatchObject({
    outcome: "unknown",
    message: expect.stringContaining("approved, and the write is still under way"),
  });
});

test("a decision about what does not wait is refused by the reason", async () => {
  const { handlers } = handlersOf(async () => err(failure("unknown_call", "It does not wait.")));
  await expect(handlers.decide(DECISION)).rejects.toThrow("It does not wait.");
});
