/**
 * `host.ts SOCKET [MOVING [HZ]]`: the AimDB host of the bench, 50 records. The simulator, so that no compiler
 * is needed; `--host BINARY` of the bench takes a real one instead.
 */
import { startSimulator } from "../../worker/selfhost/simulator/server.ts";
import { demoRecords } from "../../worker/selfhost/simulator/database/demo-records.ts";
import type { RecordDefinition } from "../../worker/selfhost/simulator/database/record-definition.ts";

const RECORDS = 50;

const [, , socketPath = "", moving = "0", hz = "10"] = process.argv;
const demo = demoRecords();
const more: RecordDefinition[] = Array.from({ length: RECORDS - demo.length }, (_, i) => ({
  key: `bench.value${i}`,
  typeName: "bench::Value",
  shape: { struct: { celsius: "f32", n: "u64" } },
  buffer: { kind: "single_latest" },
  ...(i < Number(moving)
    ? { origin: { kind: "source", sample: (n: number) => ({ celsius: 20 + (n % 10) / 10, n }) } }
    : { initial: { celsius: 21.5, n: i } }),
}));
const simulator = await startSimulator({
  socketPath,
  aimx: "3.0",
  periodMs: Number(moving) > 0 ? 1000 / Number(hz) : 0,
  records: [...demo, ...more],
  config: { maxSubscriptions: RECORDS + 2 },
});
process.once("SIGTERM", () => void simulator.close());
process.stdout.write("ready\n");
