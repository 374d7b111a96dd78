import { expect, onTestFinished, test } from "vitest";
import { MetricsServer } from "../../../relay/control/metrics-server.ts";
import type { RelayStatus } from "../../../relay/control/relay-status.ts";
import { statusWith } from "../support/device/relay-status.ts";

/** What `/ready` says of a relay whose status changes meanwhile. */
async function begin(status: RelayStatus) {
  const relay = { status };
  const server = await MetricsServer.open({ host: "127.0.0.1", port: 0 }, () => relay.status);
  onTestFinished(() => server.close());
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/ready`);
    return [response.status, await response.text()];
  };
  return { relay, ready };
}

const allDown = (status: RelayStatus): RelayStatus => ({
  ...status,
  instances: status.instances.map((instance) => ({ ...instance, state: "down" as const })),
});

test("a relay is ready while it has a link and an instance answers", async () => {
  const { ready } = await begin(statusWith());

  expect(await ready()).toEqual([200, "Linked, 1 of 2 instances up.\n"]);
});

test.each(["waiting", "dialing", "greeting", "draining", "stopped"] as const)(
  "a relay whose link is %s is not ready",
  async (state) => {
    const { ready } = await begin(statusWith({ state }));

    expect(await ready()).toEqual([503, `There is no link: ${state}.\n`]);
  },
);

test("a relay of which no instance answers is not ready, until one does", async () => {
  const { relay, ready } = await begin(allDown(statusWith()));
  expect(await ready()).toEqual([503, "No AimDB instance answers.\n"]);

  relay.status = statusWith();

  expect(await ready()).toEqual([200, "Linked, 1 of 2 instances up.\n"]);
});
