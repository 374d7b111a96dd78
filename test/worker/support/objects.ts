/** Durable Objects from inside: their ids, their storage, their sleep. */
import { env } from "cloudflare:workers";
import {
  evictDurableObject,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import type { DurableObject } from "cloudflare:workers";

export type Binding = "ACCOUNT" | "DIRECTORY" | "OAUTH_SHARD" | "RELAY" | "TEAM";

export async function objectIds(binding: Binding): Promise<string[]> {
  return (await listDurableObjectIds(namespaceOf(binding))).map(String);
}

export function newObjectId(binding: Binding): string {
  return namespaceOf(binding).newUniqueId().toString();
}

export function inObject<R>(
  binding: Binding,
  id: string,
  run: (state: DurableObjectState) => R | Promise<R>,
): Promise<R> {
  return runInDurableObject(stubOf(binding, id), (_instance, state) => run(state));
}

/** Every text and number in every table, as one text. */
export function dumpOf(binding: Binding, id: string): Promise<string> {
  return inObject(binding, id, ({ storage: { sql } }) =>
    JSON.stringify(tablesIn(sql).map((name) => sql.exec(`SELECT * FROM "${name}"`).toArray())),
  );
}

export function tablesOf(binding: Binding, id: string): Promise<string[]> {
  return inObject(binding, id, ({ storage: { sql } }) => tablesIn(sql));
}

export function tablesIn(sql: SqlStorage): string[] {
  return sql
    .exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'",
    )
    .toArray()
    .map(({ name }) => name);
}

/** The object's memory is lost, its storage stays; its sockets sleep or are cut. */
export function evict(
  binding: Binding,
  id: string,
  webSockets: "hibernate" | "close" = "hibernate",
): Promise<void> {
  return evictDurableObject(stubOf(binding, id), { webSockets });
}

/** Its alarm, now; false if none is set. */
export function runAlarm(binding: Binding, id: string): Promise<boolean> {
  return runDurableObjectAlarm(stubOf(binding, id));
}

function stubOf(binding: Binding, id: string): DurableObjectStub<DurableObject> {
  const namespace = namespaceOf(binding);
  return namespace.get(namespace.idFromString(id));
}

function namespaceOf(binding: Binding): DurableObjectNamespace<DurableObject> {
  return (env as unknown as Record<Binding, DurableObjectNamespace<DurableObject>>)[binding];
}
