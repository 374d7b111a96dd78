/** The relay under the memory limit of its unit, as the kernel enforces it, with as much shown and asked as it takes. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { STORE_LIMIT_BYTES } from "../../relay/store/sample-store.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { startSimulator } from "../../worker/selfhost/simulator/server.ts";
import { canLimitMemory, MemoryGroup } from "../support/machines/memory-group.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const MEBIBYTE = 1024 * 1024;
const INSTANCES = ["a", "b", "c", "d", "e"];
const RECORDS = 10;
const PERIOD_MS = 200;
/** Each of them some 12 kB of JSON: together more than the relay keeps, within seconds. */
const CELLS = 400;
const ROUNDS = 40;

const unit = readFileSync(projectPath("relay/deploy/aimdb-relay.service"), "utf8");
const maxBytes = Number(/^MemoryMax=(\d+)M$/m.exec(unit)?.[1]) * MEBIBYTE;
const nodeFlags = /^ExecStart=\S+ ((?:--\S+ )+)/m.exec(unit)?.[1] ?? "";
const variables = /^Environment=(.+)$/m.exec(unit)?.[1] ?? "";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A group of that size, and Node as the unit runs it, in that group. */
async function nodeWithin(limitBytes: number): Promise<{ group: MemoryGroup; node: string }> {
  const group = new MemoryGroup(`aimdb-relay-test-${process.pid}`, limitBytes);
  closing.push(() => group.remove());
  const folder = await mkdtemp(join(tmpdir(), "aimdb-memory-"));
  closing.push(() => rm(folder, { recursive: true }));
  const node = join(folder, "node");
  const command = `exec env ${variables} ${process.execPath} ${nodeFlags}`;
  await writeFile(node, `#!/bin/sh\necho $$ > ${group.door} && ${command} "$@"\n`);
  await chmod(node, 0o755);
  return { group, node };
}

function toCells(n: number) {
  return { cells: Array.from({ length: CELLS }, (_, i) => ({ volts: i / 7, count: n })) };
}

async function startLargeHost(bed: TestBed, name: string): Promise<void> {
  const host = await startSimulator({
    socketPath: bed.socket(name),
    aimx: "3.0",
    periodMs: PERIOD_MS,
    config: { maxSubscriptions: RECORDS + 2 },
    records: Array.from({ length: RECORDS }, (_, i) => ({
      key: `pack.${i}`,
      typeName: "bms::Pack",
      shape: { struct: { cells: { list: { struct: { volts: "f64", count: "u64" } } } } },
      buffer: { kind: "spmc_ring", capacity: 100 },
      origin: { kind: "source", sample: toCells },
    })),
  });
  bed.onClose(() => host.close());
}

describe.runIf(canLimitMemory())("the unit's MemoryMax", () => {
  test("is more than a relay takes that is shown and asked as much as it can", async () => {
    const { group, node } = await nodeWithin(maxBytes);
    const bed = await TestBed.open();
    closing.push(() => bed.close());
    for (const name of INSTANCES) await startLargeHost(bed, name);
    const relay = await bed.relay("gw", INSTANCES, { node });
    const client = await bed.client();
    for (const name of INSTANCES) await untilStatus(client, `gw/${name}`, "up");

    const answers = { given: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = INSTANCES.flatMap((name, i) => {
        const record_name = `pack.${(round + i) % RECORDS}`;
        const instance = `gw/${name}`;
        return [
          client.call("get_record", { instance, record_name, max_bytes: 48_000 }),
          client.call("query_history", { instance, record_name, max_bytes: 48_000 }),
          client.call("query_schema", { instance, record_name }),
        ];
      });
      for (const { isError } of await Promise.all(asked)) {
        answers[isError ? "refused" : "given"] += 1;
      }
    }

    const metrics = await relay.command(["metrics"]);
    const kept = Number(/^aimdb_relay_store_bytes (\d+)$/m.exec(metrics)?.[1]);
    expect(answers).toEqual({ given: ROUNDS * INSTANCES.length * 3, refused: 0 });
    expect(kept).toBeGreaterThan(0.9 * STORE_LIMIT_BYTES);
    expect(JSON.parse(await relay.command(["status", "--json"]))).toMatchObject({
      link: { state: "live" },
    });
    expect(group.killed).toBe(0);
  });

  test("is enforced: who takes more is ended", async () => {
    const { group, node } = await nodeWithin(maxBytes);
    const { status, signal } = spawnSync(node, ["-e", `Buffer.alloc(${2 * maxBytes}, 1)`]);

    expect({ status, signal, killed: group.killed }).toEqual({
      status: null,
      signal: "SIGKILL",
      killed: 1,
    });
  });
});
