/** Valid values with one thing changed. */
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import type { LinkRecordRow } from "#shared/link/methods/record-list.ts";

export function announced(change: Partial<AnnouncedInstance> = {}): AnnouncedInstance {
  return {
    name: "plant",
    socket_path: "/tmp/plant.sock",
    state: "up",
    protocol_version: "3.0",
    server_version: "aimdb/2.0.0",
    permissions: ["read"],
    max_subscriptions: 8,
    authenticated: false,
    record_count: 1,
    writable_count: 1,
    records: [{ key: "sensor.temp", type_name: "server::Temperature" }],
    ...change,
  };
}

export function recordRow(change: Partial<LinkRecordRow> = {}): LinkRecordRow {
  return {
    record_key: "sensor.temp",
    type_name: "server::Temperature",
    type_id: "0xaee15e261d918c67",
    buffer_type: "single_latest",
    origin: "passive",
    producer_count: 0,
    producers: [],
    consumers: [{ type: "tap" }],
    latest: null,
    mean_interval_ms: null,
    consumer_count: 1,
    writable: true,
    writable_reason: "The device file opens it.",
    created_at: null,
    last_update: null,
    observed: "live",
    ...change,
  };
}
