/** (a) The bare limit of the platform parts, as in `limit/`; beside it with coalesced frames. */
import { join } from "node:path";
import { Child } from "../child.ts";
import { Lane } from "../lane.ts";
import { LIMIT_FOLDER, startLimitWorker } from "../limit/start-worker.ts";
import { OPERATIONS, type Operation, type RunningSubject, type Subject } from "../subject.ts";

/**
 * Bytes that a call of the product has there and back over its link, where the host has 50 records. Without `answer` it
 * comes back as it went.
 */
const SIZES: Readonly<Record<Operation, { readonly padding: number; readonly answer?: number }>> = {
  get_record: { padding: 80 },
  list_records: { padding: 40, answer: 9_560 },
  set_record: { padding: 100, answer: 260 },
};

export function limit({ coalesced }: { coalesced: boolean }): Subject {
  return {
    name: coalesced ? "limit-coalesced" : "limit",
    era: "none",
    // What its frames have in common is seen in one operation.
    operations: coalesced ? ["get_record"] : OPERATIONS,
    start: () => startLimit(coalesced),
  };
}

async function startLimit(coalesced: boolean): Promise<RunningSubject> {
  const worker = await startLimitWorker();
  const { port, folder } = worker;
  const socket = join(folder, "echo.sock");
  const echo = new Child(process.execPath, [join(LIMIT_FOLDER, "echo.ts"), socket]);
  await echo.firstLine();
  const relay = new Child(process.execPath, [
    join(LIMIT_FOLDER, "relay.ts"),
    `ws://127.0.0.1:${port}/`,
    socket,
  ]);
  await relay.firstLine();
  const url = new URL(`http://127.0.0.1:${port}/${coalesced ? "?coalesce" : ""}`);
  const lanes = new Map<number, Lane>();
  let nonce = 0;
  return {
    pids: { worker: worker.pid, relay: relay.pid },
    call: (operation) => {
      const { padding, answer = 0 } = SIZES[operation];
      const filled = { padding: "x".repeat(padding), ...(answer === 0 ? {} : { answer }) };
      return async (n) => {
        const lane = lanes.get(n) ?? new Lane();
        lanes.set(n, lane);
        nonce += 1;
        const body = { nonce, ...filled };
        const { text } = await lane.post(
          url,
          { "content-type": "application/json" },
          JSON.stringify(body),
        );
        if (JSON.parse(text).nonce !== body.nonce) throw new Error("Another call's answer");
        if (text.length < answer) throw new Error(`${text.length} bytes in place of ${answer}`);
      };
    },
    stop: async () => {
      for (const lane of lanes.values()) lane.close();
      await relay.end();
      await echo.end();
      await worker.stop();
    },
  };
}
