import { expect, test } from "vitest";
import { describeRelay, headlineOf } from "../../../relay/control/describe-relay.ts";
import { RelayCounts } from "../../../relay/control/relay-counts.ts";
import { relayStatusSchema } from "../../../relay/control/relay-status.ts";
import type { LinkStatus } from "../../../relay/link/link-status.ts";
import { identityOf } from "../support/builders.ts";

const LIVE: LinkStatus = {
  state: "live",
  for_ms: 5,
  session: "s1",
  round_trip_ms: 3,
  clock_offset_ms: 0,
  next_dial_in_ms: null,
  failures: 0,
  last_failure: null,
  calls_under_way: 0,
};

function countsOfOneCall() {
  const counts = new RelayCounts();
  counts.noteCall("record.get", "ok", 3);
  counts.noteCache("records", true);
  counts.add("bytesSent", 12);
  return counts.read();
}

function statusWith(link: Partial<LinkStatus> = {}) {
  return describeRelay({
    identity: identityOf(),
    upMs: 1_000.4,
    link: { ...LIVE, ...link },
    continuity: "kept",
    instances: [
      { name: "a", socket_path: "/a", state: "up", record_count: 2, writable_count: 1 },
      {
        name: "b",
        socket_path: "/b",
        state: "down",
        reason: "gone",
        record_count: 0,
        writable_count: 0,
      },
    ],
    skipped: [{ socket_path: "/c", reason: "It is not a socket." }],
    breakers: new Map([["b", "open"]]),
    counts: countsOfOneCall(),
    store: { bytes: 10, shedCount: 3 },
    problems: [],
  });
}

test("describeRelay gives what its schema reads", () => {
  const status = statusWith();
  expect(relayStatusSchema.parse(JSON.parse(JSON.stringify(status)))).toEqual(status);
  expect(status).toMatchObject({
    worker: "aimdb.example.com",
    up_ms: 1_000,
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
