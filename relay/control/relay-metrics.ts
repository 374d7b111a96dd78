/** A running relay's status as metrics. Pure. */
import { cacheMetric } from "#shared/metrics/cache-metric.ts";
import { callMetrics } from "#shared/metrics/call-metrics.ts";
import type { Metric, MetricSample } from "#shared/metrics/exposition.ts";
import { SPENDINGS } from "../traffic/budget.ts";
import { PERIOD_NAMES } from "../traffic/periods.ts";
import type { RelayStatus } from "./relay-status.ts";

const MS_PER_S = 1_000;

export function metricsOf(relay: RelayStatus): Metric[] {
  const { link, instances, store, counts } = relay;
  const perInstance = (value: (instance: RelayStatus["instances"][number]) => number) =>
    instances.map((instance) => ({ labels: { name: instance.name }, value: value(instance) }));
  return [
    gauge("info", "The relay's name and release.", [
      { labels: { relay: relay.relay, version: relay.version }, value: 1 },
    ]),
    gauge("uptime_seconds", "Since the relay was started.", one(relay.up_ms / MS_PER_S)),
    ...linkMetrics(relay),
    ...trafficMetrics(relay),
    gauge(
      "calls_under_way",
      "The worker's calls that are not answered yet.",
      one(link.calls_under_way),
    ),
    gauge(
      "instance_up",
      "1 while the AimDB process answers.",
      perInstance(({ state }) => (state === "up" ? 1 : 0)),
    ),
    gauge(
      "instance_breaker_open",
      "1 while the AimDB process is not asked, since it did not answer several times in a row.",
      perInstance(({ breaker }) => (breaker === "closed" ? 0 : 1)),
    ),
    gauge(
      "instance_records",
      "Records of the AimDB process.",
      perInstance(({ record_count }) => record_count),
    ),
    gauge(
      "sockets_skipped",
      "Sockets that discovery looked at and did not take.",
      one(relay.skipped.length),
    ),
    gauge(
      "instances_not_served",
      "AimDB processes for which the relay has no place.",
      one(relay.not_served),
    ),
    gauge("store_bytes", "Size of the kept samples.", one(store.bytes)),
    gauge("store_limit_bytes", "The most that kept samples may take.", one(store.limit_bytes)),
    counter("dropped_samples", "Samples dropped for newer ones.", one(store.dropped_samples)),
    ...callMetrics(
      {
        prefix: "aimdb_relay_call",
        label: "method",
        what: "The worker's calls, as this device answered them",
      },
      [{ calls: counts.calls }],
    ),
    cacheMetric("aimdb_relay", [{ caches: counts.caches }]),
  ];
}

function linkMetrics({ link, counts }: RelayStatus): Metric[] {
  return [
    gauge("link_up", "1 while the worker can ask this relay.", one(link.state === "live" ? 1 : 0)),
    gauge(
      "link_state_seconds",
      "How long the link has been in its state.",
      one(link.for_ms / MS_PER_S),
    ),
    gauge(
      "link_round_trip_seconds",
      "Round trip of the last heartbeat, or of the greeting.",
      seconds(link.round_trip_ms),
    ),
    gauge(
      "link_narrow_bytes_per_second",
      "What the line carries, if it is known to be narrow.",
      link.narrow_per_s === null ? [] : one(link.narrow_per_s),
    ),
    gauge(
      "link_failures",
      "Failed dials and lost links since the last healthy link.",
      one(link.failures),
    ),
    gauge(
      "clock_offset_seconds",
      "The device's clock minus the worker's, as of the last greeting.",
      seconds(link.clock_offset_ms),
    ),
    counter("dials", "Attempts to make a link.", one(counts.dials)),
    counter("links", "Links that were made.", one(counts.links)),
    counter(
      "received_bytes",
      "Size of messages from the worker, with their headers.",
      one(counts.bytes_received),
    ),
    counter(
      "sent_bytes",
      "Size of messages to the worker, with their headers.",
      one(counts.bytes_sent),
    ),
  ];
}

function trafficMetrics(relay: RelayStatus): Metric[] {
  return [
    gauge(
      "link_traffic_bytes",
      "Bytes over the link in this hour and month, UTC, across restarts.",
      trafficOf(relay),
    ),
    gauge(
      "link_budget_bytes",
      "Bytes that may go over the link, if it is metered.",
      budgetsOf(relay),
    ),
    gauge(
      "link_budget_restriction",
      `What a low budget holds back: ${SPENDINGS.map((name, n) => `${n} ${name}`).join(", ")}.`,
      one(SPENDINGS.indexOf(relay.traffic.passes)),
    ),
  ];
}

function trafficOf({ traffic }: RelayStatus): MetricSample[] {
  return PERIOD_NAMES.flatMap((period) => [
    { labels: { period, direction: "sent" }, value: traffic[period].sent_bytes },
    { labels: { period, direction: "received" }, value: traffic[period].received_bytes },
  ]);
}

function budgetsOf({ traffic }: RelayStatus): MetricSample[] {
  return PERIOD_NAMES.flatMap((period) => {
    const { budget_bytes: value } = traffic[period];
    return value === null ? [] : [{ labels: { period }, value }];
  });
}

function counter(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name: `aimdb_relay_${name}_total`, help, type: "counter", samples };
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): Metric {
  return { name: `aimdb_relay_${name}`, help, type: "gauge", samples };
}

function one(value: number): MetricSample[] {
  return [{ value }];
}

function seconds(ms: number | null): MetricSample[] {
  return ms === null ? [] : one(ms / MS_PER_S);
}
