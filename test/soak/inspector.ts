/** What lives in the Worker, asked of workerd's inspector (Chrome DevTools Protocol, `HeapProfiler` and `Runtime`). */
import { on, once } from "node:events";
import { WebSocket } from "ws";
import * as z from "zod/mini";

/** A collection of a heap of 256 MB takes a tenth of a second. */
const ANSWER_TIMEOUT_MS = 10_000;

const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
const answerSchema = z.object({ id: z.optional(z.int()), result: z.optional(z.unknown()) });
const heapSchema = z.object({ usedSize: z.number() });

/** KiB of JavaScript in use behind a collection. workerd collects as the Worker next runs: it must be under load. */
export async function collectedKib(port: number): Promise<number> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const listed = await fetch(`http://127.0.0.1:${port}/json`, { signal });
  const [target] = targetsSchema.parse(await listed.json());
  if (target === undefined) throw new Error("The inspector has no Worker to look into.");
  const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false });
  try {
    await once(socket, "open", { signal });
    await ask(socket, { id: 1, method: "HeapProfiler.collectGarbage" }, signal);
    const usage = await ask(socket, { id: 2, method: "Runtime.getHeapUsage" }, signal);
    return heapSchema.parse(usage).usedSize / 1024;
  } finally {
    socket.close();
  }
}

/** Settles with the answer's result; what comes before it are events. */
async function ask(
  socket: WebSocket,
  request: { readonly id: number; readonly method: string },
  signal: AbortSignal,
): Promise<unknown> {
  const messages = on(socket, "message", { signal });
  socket.send(JSON.stringify(request));
  for await (const [data] of messages) {
    const answer = answerSchema.parse(JSON.parse(String(data)));
    if (answer.id === request.id) return answer.result;
  }
  throw new Error("The inspector went away.");
}
