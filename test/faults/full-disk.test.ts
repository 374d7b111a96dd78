/** Devices whose disk is full. */
import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { checkDevice } from "../../relay/doctor/device-checks.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { TestEnvironment } from "../relay/support/device/test-environment.ts";
import { IS_ROOT, orSkip } from "../support/needed.ts";
import { FaultBed, INSTANCE, type FaultBedOptions } from "./fault-bed.ts";
import { EACH } from "./rounds.ts";
import { SmallDisk } from "./small-disk.ts";

const [host] = inject("realHosts").filter(({ binary }) => binary !== undefined);
const CAN_FILL_A_DISK = orSkip(IS_ROOT, "NOT ROOT: no device with a full disk is tried.");

describe.skipIf(host === undefined || !CAN_FILL_A_DISK)("a device whose disk is full", EACH, () => {
  test("writes nothing that it can't log, reads on, and its log is whole when there is room again", async () => {
    const disk = await SmallDisk.mount("64k");
    const audit = join(disk.path, "audit.log");
    const bed = await open({ config: { audit_log: audit } });
    try {
      const broken = await bed.through(async () => {
        await disk.fill();
        expect(await refusedBy(bed)).toBe("refused_by_device");
        expect(await reads(bed)).toBe(true);
        await disk.relieve();
      });

      expect(broken).toEqual([]);
      expect(await isWhole(audit)).toBe(true);
    } finally {
      await bed.close();
      await disk.unmount();
    }
  });

  test("writes nothing that its journal can't hold, reads on, and writes by itself when there is room again", async () => {
    const disk = await SmallDisk.mount("1m");
    const bed = await open({ stateFolder: disk.path });
    try {
      const broken = await bed.through(async () => {
        await disk.fill();
        expect(await refusedBy(bed)).toBe("journal_unavailable");
        expect(await reads(bed)).toBe(true);
        await disk.relieve();
      });

      // Whatever was refused was not executed, and writes flowed again: both are the ledger's.
      expect(broken).toEqual([]);
      expect(await isWhole(join(disk.path, "writes.ndjson"))).toBe(true);
    } finally {
      await bed.close();
      await disk.unmount();
    }
  });
});

test.skipIf(!CAN_FILL_A_DISK)("doctor finds a disk that is full", async () => {
  const disk = await SmallDisk.mount("64k");
  try {
    await chmod(disk.path, 0o700);
    const variables = { STATE_DIRECTORY: disk.path };
    const environment = new TestEnvironment({ homeFolder: disk.path, variables });
    const stateOf = async () => (await checkDevice(undefined, environment)).checks[1];

    expect(await stateOf()).toMatchObject({ check: "state", status: "PASS" });
    await disk.fill();
    expect(await stateOf()).toMatchObject({
      status: "FAIL",
      detail: `The disk of ${disk.path} is full.`,
    });
  } finally {
    await disk.unmount();
  }
});

test.skipIf(!CAN_FILL_A_DISK)("doctor finds a disk that takes no more files", async () => {
  const disk = await SmallDisk.mount("64k", 4);
  try {
    await chmod(disk.path, 0o700);
    const variables = { STATE_DIRECTORY: disk.path };
    const environment = new TestEnvironment({ homeFolder: disk.path, variables });
    await disk.useInodesUp();

    expect((await checkDevice(undefined, environment)).checks[1]).toMatchObject({
      check: "state",
      status: "FAIL",
      detail: `The disk of ${disk.path} takes no more files: it has no free inode.`,
    });
  } finally {
    await disk.unmount();
  }
});

function open(options: Pick<FaultBedOptions, "config" | "stateFolder">): Promise<FaultBed> {
  return FaultBed.open({
    ...options,
    binary: host?.binary ?? "",
    protocol: host?.protocol ?? "3.0",
  });
}

/** What a file's last page has room for is written still. */
async function refusedBy(bed: FaultBed): Promise<unknown> {
  const client = await bed.connect();
  const refusal = await waitFor(20_000, async () => {
    const value = { op: "other", n: 1 };
    const asked = { instance: INSTANCE, record_name: "device.command", value };
    const { json } = await client.call("set_record", asked);
    return json.error;
  });
  await client.close();
  return refusal?.code;
}

async function reads(bed: FaultBed): Promise<boolean> {
  const client = await bed.connect();
  const asked = { instance: INSTANCE, record_name: "app.readonly" };
  const { isError } = await client.call("get_record", asked);
  await client.close();
  return !isError;
}

/** Every line is JSON. */
async function isWhole(path: string): Promise<boolean> {
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  return lines.every((line) => isJson(line));
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
