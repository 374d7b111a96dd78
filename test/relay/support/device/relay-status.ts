/** The status of a relay with two instances, one of which is down. */
import { describeRelay } from "../../../../relay/control/describe-relay.ts";
import { RelayCounts } from "../../../../relay/control/relay-counts.ts";
import type { RelayStatus } from "../../../../relay/control/relay-status.ts";
import type { LinkStatus } from "../../../../relay/link/link-status.ts";
import { identityOf } from "../host-side/builders.ts";

const LIVE: LinkStatus = {
  state: "live",
  for_ms: 5,
  session: "s1",
  round_trip_ms: 3,
  narrow_per_s: null,
  clock_offset_ms: 0,
  next_dial_in_ms: null,
  failures: 0,
  last_failure: null,
  calls_under_way: 0,
};

const HOUR = {
  beginMs: Date.UTC(2026, 10, 20, 12),
  endMs: Date.UTC(2026, 10, 20, 13),
};
const MONTH = { beginMs: Date.UTC(2026, 10), endMs: Date.UTC(2026, 11) };

function countsOfOneCall() {
  const counts = new RelayCounts();
  counts.noteCall("record.get", "ok", 3);
  counts.noteCache("records", true);
  counts.add("bytesSent", 12);
  return counts.read();
}

export function statusWith(link: Partial<LinkStatus> = {}): RelayStatus {
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
    notServedCount: 1,
    skipped: [{ socket_path: "/c", reason: "It is not a socket." }],
    breakers: new Map([["b", "open"]]),
    traffic: {
      hour: { ...HOUR, sent: 1_200, received: 300 },
      month: { ...MONTH, sent: 4_000_000, received: 500_000 },
    },
    budget: undefined,
    counts: countsOfOneCall(),
    store: { bytes: 10, shedCount: 3 },
    problems: [],
  });
}
