/**
 * The answer of a call that waits: a line feed every few seconds, which JSON lets stand before a value, then the answer. Who
 * closes a connection sends nothing that the platform would look at: it learns of it by writing.
 */
import { within } from "../after.ts";

/** How long the place of a caller who went may stay taken; with the first, the status is 200 for good. */
const BEAT_MS = 2_500;

const LINE_FEED = new Uint8Array([10]);

type Timer = Parameters<typeof within>[2];

/** `explain`: the answer where there is none. */
export async function inBeats(
  asked: Promise<Response>,
  explain: (error: unknown) => Response,
  timer?: Timer,
): Promise<Response> {
  const answering = asked.catch(explain);
  const answer = await within(BEAT_MS, answering, timer);
  if (answer !== undefined) return answer;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  // Whose reader is gone has nobody to tell.
  beat(writer, answering, timer).catch((error: unknown) => writer.abort(error).catch(() => {}));
  return new Response(readable, { headers: { "content-type": "application/json" } });
}

async function beat(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  answering: Promise<Response>,
  timer: Timer,
): Promise<void> {
  let answer: Response | undefined;
  while (answer === undefined) {
    await writer.write(LINE_FEED);
    answer = await within(BEAT_MS, answering, timer);
  }
  await writer.write(new Uint8Array(await answer.arrayBuffer()));
  await writer.close();
}
