/**
 * `/live/<relay>/<instance>`: server-sent events, each a region of the page drawn anew. With a record's key it
 * waits for the record to change; without one it looks every few seconds. The device counts calls, so a page left
 * open must not use up what clients need, and waits as long as a refusal says.
 */
import { toldWaitMs } from "#shared/fleet/told-wait.ts";
import type { Env } from "../env.ts";
import { instanceFragment } from "./instance-page.tsx";
import { readOpened } from "./open-page.ts";
import type { Drawn } from "./live-region.tsx";
import { recordFragment, recordProblem } from "./record-page.tsx";

const TABLE_EVERY_MS = 5_000;
const RECORD_EVERY_MS = 3_000;
const WATCH_MS = 15_000;
/** Proxies cut a connection that is silent for a minute, and the browser would start over. */
const BEAT_MS = 15_000;
const BEAT = ":\n\n";

/** Browsers reopen it by themselves; whether the person may look is checked with each event anyway. */
const MAX_STREAM_MS = 15 * 60_000;

export interface LiveAsked {
  readonly instance: string;
  readonly offset: number;
  readonly record: string | undefined;
}

export interface LiveClock {
  readonly nowMs: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

const CLOCK: LiveClock = { nowMs: Date.now, wait: (ms) => scheduler.wait(ms) };

export async function handleLive(
  request: Request,
  env: Env,
  asked: LiveAsked,
  clock: LiveClock = CLOCK,
): Promise<Response> {
  if ((await readOpened(request, env)) === undefined) return new Response(null, { status: 404 });
  const untilMs = clock.nowMs() + MAX_STREAM_MS;
  const next = drawer(request, env, { asked, clock });
  const text = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = clock.nowMs() < untilMs ? await next() : undefined;
        if (part === undefined) controller.close();
        else controller.enqueue(text.encode(part));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}

/** Yields one piece of the stream at a time; undefined once the person may no longer look. */
function drawer(
  request: Request,
  env: Env,
  { asked, clock }: { asked: LiveAsked; clock: LiveClock },
): () => Promise<string | undefined> {
  const { instance, record, offset } = asked;
  const everyMs = record === undefined ? TABLE_EVERY_MS : RECORD_EVERY_MS;
  let after: string | undefined;
  let leftMs = everyMs;
  const toPart = async ({ fragment, failure }: Drawn): Promise<string> => {
    leftMs = failure === undefined ? everyMs : Math.max(everyMs, toldWaitMs(failure));
    return toEvent(String(await fragment));
  };
  return async () => {
    const waitMs = Math.min(leftMs, BEAT_MS);
    await clock.wait(waitMs);
    leftMs -= waitMs;
    const opened = await readOpened(request, env);
    if (opened === undefined) return undefined;
    if (leftMs > 0) return BEAT;
    if (record === undefined) return toPart(await instanceFragment(opened, { instance, offset }));
    const watched = await opened.fleet.watch(instance, {
      record,
      waitMs: WATCH_MS,
      ...(after === undefined ? {} : { after }),
    });
    after = watched.ok ? watched.value.next : undefined;
    if (!watched.ok && toldWaitMs(watched.error) > 0) {
      return toPart(recordProblem(watched.error));
    }
    return toPart(await recordFragment(opened, { instance, record }));
  };
}

function toEvent(html: string): string {
  const lines = html.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return `${lines.join("")}\n`;
}
