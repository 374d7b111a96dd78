/** A peer that never stops sending costs no more memory than one that sends a little. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { AimxConnection } from "#shared/aimx/connection.ts";
import { MAX_LINE_BYTES } from "#shared/aimx/limits.ts";
import { LineSplitter } from "#shared/aimx/lines.ts";
import { readRecordedSession, RECORDED_SESSIONS } from "../support/hosts/recorded-session.ts";

/** Beside what the test itself holds, and what V8 has not let go yet. */
const SLACK_BYTES = 4 * 1024 * 1024;

/** Ten times the slack, if their names were kept. */
const EVENT_COUNT = 20_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The memory of buffers is let go a little after the buffers. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function grownBy(work: () => void): Promise<number> {
  const before = await heldBytes();
  work();
  return (await heldBytes()) - before;
}

test.each(Object.entries(RECORDED_SESSIONS))(
  "AimxConnection (%s) keeps nothing of events that nobody subscribed to",
  async (_version, file) => {
    const [welcome] = readRecordedSession(file).filter(({ direction }) => direction === "received");
    const connection = new AimxConnection({ form: "hybrid", client: "t", helloDeadlineMs: 10 });
    connection.receive(Buffer.from(`${welcome?.text ?? ""}\n`));

    const grown = await grownBy(() => {
      for (let index = 0; index < EVENT_COUNT; index += 1) {
        connection.receive(Buffer.from(eventsOf(`${"s".repeat(500)}-${index}`)));
        connection.receive(Buffer.from(eventsOf(`${"0".repeat(500)}${index}`)));
      }
    });

    expect(connection.nextDeadlineMs()).toBeUndefined();
    expect(grown).toBeLessThan(SLACK_BYTES);
  },
);

test("LineSplitter keeps nothing of a line that never ends", async () => {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const chunk = Buffer.alloc(64 * 1024, "x");
  let refused = 0;

  const grown = await grownBy(() => {
    for (let sent = 0; sent < 10 * MAX_LINE_BYTES; sent += chunk.length) {
      if (splitter.push(chunk, () => {}) !== undefined) refused += 1;
    }
  });

  expect(refused).toBeGreaterThan(5);
  expect(grown).toBeLessThan(2 * MAX_LINE_BYTES + SLACK_BYTES);
});

/** As AimX 2 and 3 send it, and as AimX 1 does. */
function eventsOf(subscription: string): string {
  const tagged = { t: "event", sub: subscription, seq: 1, data: 1 };
  const plain = { subscription_id: subscription, sequence: 1, timestamp: "1.000000000", data: 1 };
  return `${JSON.stringify(tagged)}\n${JSON.stringify({ event: plain })}\n`;
}
