import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDevice } from "../../relay/device.ts";
import { FileJournal } from "../../relay/journal/file-journal.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { configOf } from "./support/host-side/builders.ts";
import { CollectingLog } from "./support/collecting-log.ts";
import { freshFolder } from "./support/device/fresh-folder.ts";
import { latest, startHost } from "./support/host-side/host.ts";
import { TestEnvironment } from "./support/device/test-environment.ts";
import { until } from "./support/until.ts";
import { writeOf } from "./support/worker-side/write-request.ts";

type Faults = Parameters<Awaited<ReturnType<typeof startHost>>["setFaults"]>[0];

/** A write that is under way. */
async function beginWrite(faults: Faults) {
  const folder = await freshFolder();
  const state = join(folder, "state");
  const host = await startHost({
    aimx: "3.0",
    records: [latest("a", { initial: { n: 1 } })],
    socketPath: join(folder, "boiler.sock"),
  });
  const environment = new TestEnvironment({
    homeFolder: folder,
    variables: { STATE_DIRECTORY: state },
  });
  const config = configOf({ allowedSockets: [join(folder, "*.sock")] });
  const device = await openDevice(config, environment, { serves: "link", onChange: () => {} });
  await device.start();
  const [instance = ""] = device.instances.announce().instances.map(({ name }) => name);
  await device.instances.find(instance)?.get("a", 1_000);
  host.setFaults(faults);
  const callId = randomBytes(16).toString("hex");
  const write = { ...writeOf({ n: 2 }, { callId }), principal: "ann", instance, record: "a" };
  const written = device.writes.write(write);
  await until("the write", () => device.journal.find(callId) !== undefined);
  const reopened = async () => {
    const clock = new ManualClock();
    const opened = await FileJournal.open({ folder: state, clock, log: new CollectingLog() });
    onTestFinished(() => opened.journal.close());
    return { ended: opened.journal.find(callId), left: opened.left };
  };
  return { host, device, written, reopened };
}

test("a device that closes waits for the writes that are under way, and keeps how they ended", async () => {
  const { host, device, written, reopened } = await beginWrite({ hang: true });

  const closed = device.close(5_000);
  host.setFaults({});
  await closed;

  expect(await written).toMatchObject({ outcome: "applied" });
  expect(await reopened()).toMatchObject({ ended: { outcome: { outcome: "applied" } }, left: [] });
});

test("a device that closes waits no longer than it is told, and keeps what it can know", async () => {
  const { host, device, written, reopened } = await beginWrite({ unansweredMethod: "record.set" });
  await until("it is carried out", () => host.requestCounts.get("record.set") === 1);

  await device.close(1);

  expect(await written).toMatchObject({ outcome: "unknown" });
  expect(await reopened()).toMatchObject({ ended: { outcome: { outcome: "unknown" } }, left: [] });
});
