import { expect, test } from "vitest";
import { LinkedClient, sendsOnlyFrames } from "../support/worker-side/linked-client.ts";

const KNOWN = [
  {
    name: "boiler",
    readings: [
      {
        recordKey: "a",
        loss: "counted" as const,
        sample: {
          value: 1,
          atMs: 0,
          timeSource: "observed" as const,
          missed: 0,
          sequence: 1,
          epoch: "e.0",
          bytes: 161,
        },
      },
    ],
  },
];

async function begin() {
  const linked = new LinkedClient();
  linked.known = KNOWN;
  return { linked, link: await linked.goLive(600_000) };
}

test("LinkClient tells what records hold when it is told to stop, before it drains [K-1]", async () => {
  const { linked, link } = await begin();

  linked.client.stop();
  link.says({ t: "drained" });

  expect(link.frames.slice(-2)).toMatchObject([
    { t: "last_known", instances: [{ name: "boiler", readings: [{ record_key: "a" }] }] },
    { t: "drain" },
  ]);
  expect(link.closes).toHaveLength(1);
  expect(sendsOnlyFrames(link)).toBe(true);
});

test("LinkClient tells what records hold each interval after its welcome [K-1]", async () => {
  const { linked, link } = await begin();
  linked.clock.advance(59_999);
  expect(link.of("last_known")).toEqual([]);

  linked.clock.advance(1);

  expect(link.of("last_known")).toHaveLength(1);
});

test("LinkClient tells a new link what it told the one before [K-1]", async () => {
  const { linked, link } = await begin();
  linked.clock.advance(60_000);
  link.closesWith(1006);
  const next = await linked.comeBack();

  linked.client.stop();

  expect(next.of("last_known")).toHaveLength(1);
});

test("LinkClient tells nothing to a worker that did not welcome it", async () => {
  const linked = new LinkedClient();
  linked.known = KNOWN;
  linked.client.start();
  const link = await linked.dial(1);
  link.opens();

  linked.client.stop();

  expect(link.frames.map(({ t }) => t)).toEqual(["hello"]);
});
