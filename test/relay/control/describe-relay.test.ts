import { expect, test } from "vitest";
import { headlineOf } from "../../../relay/control/describe-relay.ts";
import { relayStatusSchema } from "../../../relay/control/relay-status.ts";
import type { LinkStatus } from "../../../relay/link/link-status.ts";
import { statusWith } from "../support/device/relay-status.ts";

test("describeRelay gives what its schema reads", () => {
  const status = statusWith();
  expect(relayStatusSchema.parse(JSON.parse(JSON.stringify(status)))).toEqual(status);
  expect(status).toMatchObject({
    worker: "aimdb.example.com",
    up_ms: 1_000,
    not_served: 1,
    store: { bytes: 10, dropped_samples: 3 },
    instances: [
      { reason: null, breaker: "closed" },
      { reason: "gone", breaker: "open" },
    ],
    counts: {
      calls: [{ name: "record.get", outcomes: [{ outcome: "ok", times: 1 }] }],
      caches: [
        { cache: "records", hits: 1, misses: 0 },
        { cache: "graph", hits: 0, misses: 0 },
        { cache: "schema", hits: 0, misses: 0 },
      ],
      bytes_sent: 12,
    },
  });
});

test.each<[Partial<LinkStatus>, string]>([
  [{}, "Linked to aimdb.example.com; 1 of 2 instances up"],
  [{ state: "draining", calls_under_way: 2 }, "Stopping; 2 calls under way"],
  [{ state: "dialing" }, "Dialing aimdb.example.com; 1 of 2 instances up"],
  [
    { state: "waiting", last_failure: "no route" },
    "No link to aimdb.example.com: no route; 1 of 2 instances up",
  ],
  [{ state: "stopped", last_failure: "Enroll again." }, "Enroll again."],
  [{ state: "stopped" }, "Stopped"],
])("headlineOf a link that is %j says %j", (link, headline) => {
  expect(headlineOf(statusWith(link))).toBe(headline);
});
