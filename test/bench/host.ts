/**
 * `host.ts SOCKET [--records N] [--moving N] [--hz N]`: the AimDB host of the bench. The simulator, so that no
 * compiler is needed; `--host BINARY` of the bench takes a real one instead.
 */
import { parseArgs } from "node:util";
import { startSimulator } from "../../worker/selfhost/simulator/server.ts";
import { demoRecords } from "../../worker/selfhost/simulator/database/demo-records.ts";
import type { RecordDefinition } from "../../worker/selfhost/simulator/database/record-definition.ts";
import type { Input } from "../../worker/selfhost/simulator/json/value.ts";
import { monotonicMs } from "./monotonic.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: "string", default: "50" },
    moving: { type: "string", default: "0" },
    hz: { type: "string", default: "10" },
  },
});
const [socketPath = ""] = positionals;
const moving = Number(values.moving);

/** What calls are about. */
const called = demoRecords().filter(({ key }) => key === "app.readonly" || key === "app.settings");
const more: RecordDefinition[] = Array.from(
  { length: Number(values.records) - called.length },
  (_, i) => ({
    key: `bench.value${i}`,
    typeName: "bench::Value",
    shape: { struct: { celsius: "f32", produced_us: "u64" } },
    buffer: { kind: "single_latest" },
    ...(i < moving
      ? { origin: { kind: "source", sample } }
      : { initial: { celsius: 21.5, produced_us: 0 } }),
  }),
);

function sample(n: number): Input {
  return { celsius: 20 + (n % 10) / 10, produced_us: Math.round(monotonicMs() * 1_000) };
}

const simulator = await startSimulator({
  socketPath,
  aimx: "3.0",
  periodMs: moving > 0 ? 1000 / Number(values.hz) : 0,
  records: [...called, ...more],
  config: { maxSubscriptions: Number(values.records) + 2 },
});
process.once("SIGTERM", () => void simulator.close());
process.stdout.write("ready\n");
