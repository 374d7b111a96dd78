/** Readers of a record whose producer counts, each in its own way: they go on until it is over, and keep what they were told. */
import { EventSource, type ServerEvent } from "../support/clients/event-source.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { pause } from "../support/pause.ts";
import type { Told, ToldGap } from "./counting.ts";

export const COUNTED = "sensor.temp";

const PAUSE_MS = 20;
/** A drain empties what is kept: what is new since the last one should be some. */
const DRAIN_EVERY_MS = 200;
/** Few samples fill it, so that a call ends soon where samples come. */
const SUBSCRIPTION_BYTES = 2_000;
const SUBSCRIPTION_S = 3_600;

export interface Reading {
  readonly url: URL;
  readonly token: string;
  readonly instance: string;
  readonly connect: () => Promise<ConnectedClient>;
  readonly isOver: () => boolean;
  /** Until they may ask. */
  readonly turn: () => Promise<void>;
}

/** The real host's producer counts: `celsius` is 21.3 and a tenth for each. */
export function countOf(value: { readonly celsius: number }): number {
  const counted = (value.celsius - 21.3) * 10;
  return Math.abs(counted - Math.round(counted)) < 0.05 ? Math.round(counted) : counted;
}

/** Over the event stream, which it opens again with the last id. */
export async function listen(
  { url, token, instance, isOver, turn }: Reading,
  told: Told[],
  onOpen: (source: EventSource) => void,
): Promise<void> {
  let lastEventId: string | undefined;
  while (!isOver()) {
    await turn();
    const asked = { token, records: [`${instance}/${COUNTED}`], presence: false, lastEventId };
    const source = await EventSource.open(url, asked).catch(() => undefined);
    if (source !== undefined) {
      onOpen(source);
      let taken = 0;
      const take = () => {
        told.push(...source.events.slice(taken).flatMap((event) => inEvent(event)));
        taken = source.events.length;
      };
      const timer = setInterval(take, PAUSE_MS);
      await source.ended;
      clearInterval(timer);
      take();
      lastEventId = source.lastEventId ?? lastEventId;
    }
    await pause(PAUSE_MS);
  }
}

function inEvent({ event, data, atMs }: ServerEvent): Told[] {
  if (event === "gap") return [{ atMs, numbers: [], gaps: [data as unknown as ToldGap] }];
  if (event !== "sample") return [];
  return [{ atMs, numbers: [countOf(data["value"] as { celsius: number })], gaps: [] }];
}

/**
 * By `subscribe_record`, as its description has it: behind `next_cursor`, and again as before where an answer did not
 * arrive. What ended the subscription goes into `ended`.
 */
export async function subscribe(
  { instance, connect, isOver, turn }: Reading,
  told: Told[],
  ended: string[],
): Promise<void> {
  const client = await connect();
  const first = { instance, record_name: COUNTED, duration_seconds: SUBSCRIPTION_S };
  let asked: Record<string, unknown> = first;
  while (!isOver()) {
    await turn();
    const json = await answerOf(client, "subscribe_record", {
      ...asked,
      max_bytes: SUBSCRIPTION_BYTES,
    });
    if (json?.events !== undefined) {
      told.push(inAnswer(json.events, json.gaps));
      const { subscription_id, next_cursor: cursor } = json;
      asked = { record_name: COUNTED, subscription_id, cursor };
    } else if (ENDS.has(json?.error?.code)) {
      ended.push(json.error.code);
      asked = first;
    }
    if (json?.events === undefined) await pause(PAUSE_MS);
  }
  const { subscription_id } = asked;
  if (subscription_id !== undefined) {
    await answerOf(client, "unsubscribe_record", { subscription_id });
  }
  await client.close().catch(() => {});
}

/** The subscription is not there any more, or does not know where it was. */
const ENDS = new Set(["unknown_subscription", "invalid_input", "too_many_subscriptions"]);

/** By `drain_record`, behind the answer before, and again where it did not arrive. Of the very first there is none before. */
export async function drain(
  { instance, connect, isOver, turn }: Reading,
  told: Told[],
): Promise<void> {
  const client = await connect();
  let cursor: string | undefined;
  while (!isOver()) {
    await turn();
    const asked = { instance, record_name: COUNTED, limit: 1_000, cursor };
    const json = await answerOf(client, "drain_record", asked);
    if (json === undefined && cursor === undefined) told.push(ANSWER_LOST());
    if (json?.samples !== undefined) told.push(inAnswer(json.samples, json.gaps));
    cursor = json?.next_cursor ?? cursor;
    await pause(DRAIN_EVERY_MS);
  }
  await client.close().catch(() => {});
}

const ANSWER_LOST = (): Told => ({
  atMs: performance.now(),
  numbers: [],
  gaps: [{ reason: "answer_lost", missed: null }],
});

function inAnswer(
  samples: readonly { readonly value: { readonly celsius: number } }[],
  gaps: readonly ToldGap[] = [],
): Told {
  return { atMs: performance.now(), numbers: samples.map(({ value }) => countOf(value)), gaps };
}

/** Undefined where none arrived. */
async function answerOf(
  client: ConnectedClient,
  tool: string,
  asked: Record<string, unknown>,
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
): Promise<any> {
  return client.call(tool, asked).then(
    ({ json }) => json,
    () => undefined,
  );
}
