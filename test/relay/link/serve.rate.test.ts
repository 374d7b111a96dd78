import { expect, test } from "vitest";
import type { Request } from "#shared/link/request.ts";
import { RateLimit } from "#shared/access/rate-limit.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { CollectingLog } from "../support/collecting-log.ts";
import { requestOf } from "../support/worker-side/link-request.ts";
import { serverOf } from "../support/server-of.ts";

/** A server of no instance: what is not refused by its rate is asked for in vain. */
function limitedTo(perMinute: number) {
  const clock = new ManualClock();
  const log = new CollectingLog();
  const rateLimit = new RateLimit(perMinute, clock.monotonicMs());
  const server = serverOf({ find: () => undefined, clock, log, rateLimit });
  const ask = (more: Partial<Request> = {}) => server.handle(requestOf(more), 0);
  return { clock, ask };
}

test("Server refuses calls above the device file's rate, and tells when to come back [R-16]", async () => {
  const { clock, ask } = limitedTo(2);
  const replies = [await ask(), await ask(), await ask()];
  clock.advance(30_000);
  replies.push(await ask());

  expect(replies).toMatchObject([
    { err: "unknown_instance" },
    { err: "unknown_instance" },
    { err: "rate_limited", details: { retry_after_s: 30 } },
    { err: "unknown_instance" },
  ]);
});

const CURSOR = { epoch: "p.0", sequence: 1 };
const READ = { record: "r", wait_ms: 1, max_samples: 1, max_bytes: 1 };

test("Server does not count a wait behind a cursor, however often one listens [R-16]", async () => {
  const { ask } = limitedTo(1);
  const wait = { method: "samples.read", params: { ...READ, after: CURSOR } } as const;
  for (let n = 0; n < 5; n += 1) {
    expect(await ask(wait)).toMatchObject({ err: "unknown_instance" });
  }

  expect(await ask()).toMatchObject({ err: "unknown_instance" });
  expect(await ask(wait)).toMatchObject({ err: "unknown_instance" });
});

test.each([
  ["that begins", { ...READ }],
  ["that does not wait", { ...READ, after: CURSOR, wait_ms: 0 }],
  ["of another form", [1]],
])("Server counts a read of samples %s [R-16]", async (_what, params) => {
  const { ask } = limitedTo(1);
  const read = { method: "samples.read", params } as const;

  expect(await ask(read)).toMatchObject({ err: "unknown_instance" });
  expect(await ask(read)).toMatchObject({ err: "rate_limited" });
});
