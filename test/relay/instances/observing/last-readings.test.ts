import { expect, test } from "vitest";
import { latest, mailbox, ring, startHost } from "../../support/host-side/host.ts";
import { runInstance, sharedOptions, untilDown } from "../../support/host-side/running-instance.ts";
import { until } from "../../support/until.ts";

const RECORDS = [
  latest("a", { initial: { n: 1 } }),
  latest("hidden", { initial: { n: 2 } }),
  mailbox("m", { initial: { n: 3 } }),
  ring("r"),
];

async function begin() {
  const host = await startHost({ aimx: "3.0", records: RECORDS });
  const { config } = sharedOptions({ hiddenRecords: ["hidden"] });
  const running = await runInstance(host, { config });
  const keys = () => running.instance.lastReadings().map(({ recordKey }) => recordKey);
  await until("the first sample", () => keys().includes("a"));
  return { host, running, keys };
}

test("an instance's last readings are the newest samples of what was observed [K-3]", async () => {
  const { host, running, keys } = await begin();
  host.produce("r", { n: 5 });
  host.produce("r", { n: 6 });
  await until("the ring's sample", () => keys().includes("r"));
  await until("the newest", () => running.instance.lastReadings()[1]?.sample.sequence === 2);

  expect(running.instance.lastReadings()).toMatchObject([
    { recordKey: "a", loss: "counted", sample: { value: { n: 1 } } },
    { recordKey: "r", loss: "counted", sample: { value: { n: 6 } } },
  ]);
});

test("an instance's last readings stay when it is down", async () => {
  const { host, running, keys } = await begin();
  await host.close();
  await untilDown(running);

  expect(keys()).toEqual(["a"]);
});

test("an instance that was never up has no last readings", async () => {
  const { instance } = await runInstance({ socketPath: "/tmp/none.sock" });

  expect(instance.lastReadings()).toEqual([]);
});
