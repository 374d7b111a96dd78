/**
 * The subscriptions of one AimX v2 or v3 connection. Each has a pump from its records' buffers into
 * one bounded funnel, and the pumps run only when the host asks for the next event. A client that
 * does not read therefore makes rings overrun; what they lost, and what a full funnel dropped, is a
 * gap in `seq`.
 */

import { err, ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import type { Reader } from "../database/buffer.ts";
import type { HostRecord } from "../database/record.ts";
import { isWildcard, topicMatcher } from "../database/topic-pattern.ts";
import type { Host } from "./session.ts";
import type { TaggedDialect } from "./tagged-dialect.ts";
import { pushText } from "./tagged-frame.ts";
import type { ErrorCode, Push } from "./tagged-frame.ts";

/** The hosts' own bound on events that wait for one connection. */
const MAX_WAITING_EVENTS = 256;

type Source = { readonly reader: Reader; readonly topic: string | undefined };

type Subscription = { readonly sources: readonly Source[]; seq: number };

export class TaggedSubscriptions {
  readonly #host: Host;
  readonly #dialect: TaggedDialect;
  readonly #open = new Map<string, Subscription>();
  #funnel: Push[] = [];
  #sent = 0;

  constructor(host: Host, dialect: TaggedDialect) {
    this.#host = host;
    this.#dialect = dialect;
  }

  /** The snapshots to send at once; there is no acknowledgement. */
  subscribe(sub: string, topic: string): Result<readonly string[], ErrorCode> {
    if (this.#open.size >= this.#host.config.maxSubscriptions) return err("denied");
    const opened =
      this.#dialect.hasWildcards && isWildcard(topic)
        ? this.#openWildcard(sub, topic)
        : this.#openExact(topic);
    if (!opened.ok) return opened;
    const { subscription, snapshots } = opened.value;
    // The end of the subscription that had the id takes the new one with it.
    if (this.unsubscribe(sub)) closeSources(subscription);
    else this.#open.set(sub, subscription);
    return ok(snapshots);
  }

  /** What is in the funnel still arrives. */
  unsubscribe(sub: string): boolean {
    const subscription = this.#open.get(sub);
    if (subscription === undefined) return false;
    closeSources(subscription);
    return this.#open.delete(sub);
  }

  nextEvent(): string | undefined {
    if (this.#sent === this.#funnel.length) {
      this.#funnel = [];
      this.#sent = 0;
      this.#runPumps();
    }
    const event = this.#funnel[this.#sent];
    if (event === undefined) return undefined;
    this.#sent += 1;
    return pushText(event);
  }

  close(): void {
    for (const sub of this.#open.keys()) this.unsubscribe(sub);
  }

  #openExact(topic: string): Result<Opened, ErrorCode> {
    const record = this.#host.database.find(topic);
    if (record === undefined) return err("not_found");
    if (!record.isRemote) return err("internal");
    const source = { reader: record.buffer.open("current"), topic: undefined };
    return ok({ subscription: { sources: [source], seq: 0 }, snapshots: [] });
  }

  /** Records match once, now; each that has a value is sent as a snapshot and again as an event. */
  #openWildcard(sub: string, pattern: string): Result<Opened, ErrorCode> {
    const matches = topicMatcher(pattern);
    const records = this.#host.database.records.filter(
      (record) => record.isRemote && matches(record.key),
    );
    const sources = records.map((record) => ({
      reader: record.buffer.open("current"),
      topic: record.key,
    }));
    const snapshots = snapshotTexts(sub, records);
    return ok({ subscription: { sources, seq: snapshots.length }, snapshots });
  }

  /** A subscription without a source has ended; it counted until here. */
  #runPumps(): void {
    for (const [sub, subscription] of this.#open) {
      if (subscription.sources.length === 0) this.#open.delete(sub);
      while (this.#pumpOnce(sub, subscription)) {
        // One value of each record in turn, until none has more.
      }
    }
  }

  #pumpOnce(sub: string, subscription: Subscription): boolean {
    let hasMore = false;
    for (const { reader, topic } of subscription.sources) {
      const taken = reader.take();
      if (taken === undefined) continue;
      hasMore = true;
      subscription.seq += this.#dialect.countsLag ? taken.skipped + 1 : 1;
      if (this.#funnel.length < MAX_WAITING_EVENTS) {
        const { seq } = subscription;
        this.#funnel.push({ t: "event", sub, seq, topic, data: taken.sample.declared });
      }
    }
    return hasMore;
  }
}

type Opened = { readonly subscription: Subscription; readonly snapshots: readonly string[] };

function snapshotTexts(sub: string, records: readonly HostRecord[]): readonly string[] {
  const present = records.flatMap((record) => {
    const sample = record.buffer.peek();
    return sample === undefined ? [] : [{ topic: record.key, data: sample.sorted }];
  });
  return present.map(({ topic, data }, index) => {
    const isLast = index === present.length - 1;
    return pushText({ t: "snap", sub, seq: index + 1, topic, isLast, data });
  });
}

function closeSources({ sources }: Subscription): void {
  for (const { reader } of sources) reader.close();
}
