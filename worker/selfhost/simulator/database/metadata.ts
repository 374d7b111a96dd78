/** The rows of `record.list`. */

import type { HostConfig } from "../host-config.ts";
import { sortedText } from "../json/text.ts";
import { objectOf, toValue } from "../json/value.ts";
import type { Value } from "../json/value.ts";
import { originInput } from "./graph.ts";
import type { HostRecord } from "./record.ts";
import { PASSIVE } from "./record-definition.ts";

const NS_PER_SECOND = 1_000_000_000n;

export function metadataText(record: HostRecord, config: HostConfig): string {
  return sortedText(
    objectOf([
      ...staticFields(record, config),
      ...(config.aimx === "1.0" ? timeFields(record) : []),
      ...(config.aimx === "3.0" ? [["entity", leafOf(record.key)] as const] : []),
      ...(config.hasMetrics ? metricFields(record, config) : []),
    ]),
  );
}

/** `secs.nanoseconds`, as AimX v1 hosts write every time. */
export function timeText(ns: bigint): string {
  return `${ns / NS_PER_SECOND}.${String(ns % NS_PER_SECOND).padStart(9, "0")}`;
}

/**
 * The counts of producers and consumers and the origin are what hosts send, not what is true: they
 * are taken after the host has started its tasks, when only links are still visible.
 */
function staticFields({ definition, id, origin }: HostRecord, config: HostConfig): Field[] {
  const { buffer } = definition;
  const fields: Field[] = [
    ["record_id", BigInt(id)],
    ["record_key", definition.key],
    ["name", definition.typeName],
    ["type_id", `TypeId(0x${typeHash(definition.typeName)})`],
    ["origin", toValue(originInput(origin.kind === "link" ? origin : PASSIVE))],
    ["buffer_type", buffer.kind],
    ["producer_count", 0n],
    ["consumer_count", 0n],
    ["writable", config.policy === "read_write" && definition.writable === true],
    ["outbound_connector_count", 0n],
  ];
  if (buffer.kind === "spmc_ring") fields.push(["buffer_capacity", BigInt(buffer.capacity)]);
  return fields;
}

function timeFields({ createdNs, updatedNs }: HostRecord): Field[] {
  const created: Field = ["created_at", timeText(createdNs)];
  return updatedNs === undefined ? [created] : [created, ["last_update", timeText(updatedNs)]];
}

function metricFields({ definition, buffer, counters, stages }: HostRecord, config: HostConfig) {
  const capacity = definition.buffer.kind === "spmc_ring" ? definition.buffer.capacity : 1;
  const fields: Field[] = [
    ["produced_count", BigInt(counters.produced)],
    ["consumed_count", BigInt(counters.consumed)],
    ["dropped_count", BigInt(counters.dropped)],
    ["occupancy", [BigInt(buffer.occupancy()), BigInt(capacity)]],
  ];
  // AimX v1 hosts do not time transforms.
  const timed = stages.filter(({ type }) => config.aimx !== "1.0" || type !== "transform");
  if (timed.length > 0) fields.push(["stage_profiling", timed.map((stage) => stage.row())]);
  return fields;
}

type Field = readonly [string, Value];

function leafOf(key: string): string {
  return key.split(/[./]/).at(-1) ?? key;
}

const FNV_OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const FNV_PRIME = 0x0000000001000000000000000000013bn;

/** 128 bits that differ by type; on a real host they change with every compilation. */
function typeHash(typeName: string): string {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(typeName)) {
    hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * FNV_PRIME);
  }
  return hash.toString(16).padStart(32, "0");
}
