/**
 * `/live/<relay>/<instance>`: server-sent events, each a region of the page drawn anew. With a record's
 * key it waits for the record to change; without one it looks every few seconds. The device counts
 * calls, so a page that is left open must not use up what clients need.
 */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Env } from "../env.ts";
import { instanceFragment } from "./instance-page.tsx";
import { readOpened } from "./open-page.ts";
import { recordFragment } from "./record-page.tsx";

const TABLE_EVERY_MS = 5_000;
const RECORD_EVERY_MS = 3_000;
const WATCH_MS = 15_000;

/** Browsers open it again by themselves; who may look is asked with each event anyway. */
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
        const fragment = clock.nowMs() < untilMs ? await next() : undefined;
        if (fragment === undefined) controller.close();
        else controller.enqueue(text.encode(toEvent(fragment)));
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

/** Undefined once the person may no longer look. */
function drawer(
  request: Request,
  env: Env,
  { asked, clock }: { asked: LiveAsked; clock: LiveClock },
): () => Promise<string | undefined> {
  const { instance, record, offset } = asked;
  let after: string | undefined;
  return async () => {
    await clock.wait(record === undefined ? TABLE_EVERY_MS : RECORD_EVERY_MS);
    const opened = await readOpened(request, env);
    if (opened === undefined) return undefined;
    if (record === undefined) return render(await instanceFragment(opened, { instance, offset }));
    const watched = await opened.fleet.watch(instance, {
      record,
      waitMs: WATCH_MS,
      ...(after === undefined ? {} : { after }),
    });
    after = watched.ok ? watched.value.next : undefined;
    return render(await recordFragment(opened, { instance, record }));
  };
}

async function render(fragment: JSX.Element): Promise<string> {
  return String(await fragment);
}

function toEvent(html: string): string {
  const lines = html.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return `${lines.join("")}\n`;
}
