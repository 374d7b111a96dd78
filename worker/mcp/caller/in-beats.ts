/**
 * The answer of a call that waits: a line feed every few seconds, which JSON allows before a value, then the
 * answer. The platform notices a closed connection only by writing to it.
 */
import { within } from "../../after.ts";

/** How long a caller that has gone may keep its place; once the first beat is sent, the status stays 200. */
const BEAT_MS = 2_500;

const LINE_FEED = new Uint8Array([10]);

type Timer = Parameters<typeof within>[2];

/** `explain`: makes the answer if the call fails. */
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
  // If the reader is gone, there is nobody to report to.
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
