/**
 * The subscriptions of one AimX v1 connection. Events are queued as soon as they are produced, each
 * with the time of that moment, and without bound: a client that does not read grows the host.
 */

import { ok } from "#shared/result.ts";
import type { Reader } from "../database/buffer.ts";
import { timeText } from "../database/metadata.ts";
import { isObject } from "../json/value.ts";
import type { Value } from "../json/value.ts";
import { nameOf, refuse, unknownRecord, withoutRemoteAccess } from "./v1-calls.ts";
import type { V1Answer } from "./v1-calls.ts";
import type { Host } from "./session.ts";

type Subscription = { readonly reader: Reader; sequence: number };

export class V1Subscriptions {
  readonly #host: Host;
  readonly #open = new Map<string, Subscription>();
  #nextNumber = 1;
  #queue: string[] = [];
  #sent = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The number is used up even if the record then refuses, but not if the cap does. */
  subscribe(params: Value | undefined): V1Answer {
    const name = nameOf(params);
    if (!name.ok) return name;
    const { maxSubscriptions } = this.#host.config;
    if (this.#open.size >= maxSubscriptions) {
      const message = `Maximum subscriptions reached: ${maxSubscriptions}`;
      return refuse("too_many_subscriptions", message);
    }
    const id = `sub-${this.#nextNumber}`;
    this.#nextNumber += 1;
    const record = this.#host.database.find(name.value);
    if (record === undefined) return unknownRecord(name.value);
    if (!record.isRemote) {
      const { typeName } = record.definition;
      const cause = withoutRemoteAccess(typeName, "Cannot subscribe to JSON stream.");
      return refuse("internal_error", `Failed to subscribe: Runtime error: ${cause}`);
    }
    this.#open.set(id, { reader: record.buffer.open("next"), sequence: 0 });
    return ok(`{"queue_size":${maxSubscriptions},"subscription_id":"${id}"}`);
  }

  /** What is queued already still arrives. */
  unsubscribe(params: Value | undefined): V1Answer {
    if (!isObject(params)) {
      return refuse("invalid_params", "Missing 'subscription_id' parameter");
    }
    const id = params["subscription_id"];
    if (typeof id !== "string") {
      return refuse("invalid_params", "Missing or invalid 'subscription_id' parameter");
    }
    const subscription = this.#open.get(id);
    if (subscription === undefined) return refuse("not_found", `Subscription '${id}' not found`);
    subscription.reader.close();
    this.#open.delete(id);
    return ok(`{"status":"cancelled","subscription_id":${JSON.stringify(id)}}`);
  }

  queueEvents(nowNs: bigint): void {
    for (const [id, subscription] of this.#open) {
      const { reader } = subscription;
      for (let taken = reader.take(); taken !== undefined; taken = reader.take()) {
        subscription.sequence += 1;
        const ids = `"sequence":${subscription.sequence},"subscription_id":"${id}"`;
        const time = `"timestamp":"${timeText(nowNs)}"`;
        this.#queue.push(`{"event":{"data":${taken.sample.sorted},${ids},${time}}}`);
      }
    }
  }

  nextEvent(): string | undefined {
    const event = this.#queue[this.#sent];
    if (event === undefined) return undefined;
    this.#sent += 1;
    if (this.#sent === this.#queue.length) {
      this.#queue = [];
      this.#sent = 0;
    }
    return event;
  }

  close(): void {
    for (const { reader } of this.#open.values()) reader.close();
    this.#open.clear();
  }
}
