import { expect, onTestFinished, test } from "vitest";
import { ring, startHost } from "../support/host-side/host.ts";
import { requestOf, waitOf } from "../support/worker-side/link-request.ts";
import { runInstance } from "../support/host-side/running-instance.ts";
import { until } from "../support/until.ts";
import { serverOf } from "../support/server-of.ts";

async function begin() {
  const host = await startHost({ aimx: "3.0", records: [ring("r")] });
  const { instance, clock, log } = await runInstance(host);
  const server = serverOf({ find: () => instance, clock, log });
  onTestFinished(() => server.cancelAll());
  return { server, clock, wait: () => server.handle(waitOf(20_000), 0) };
}

test("Server answers who waits for samples with what is there when the relay leaves", async () => {
  const { server, clock, wait } = await begin();
  const waiting = wait();
  await until("the wait", () => clock.isDueIn(20_000));

  server.endWaits();

  expect(await waiting).toMatchObject({ ok: { samples: [] } });
});

test("Server lets nobody begin to wait while the relay leaves, and answers the rest", async () => {
  const { server, wait } = await begin();
  server.endWaits();

  expect(await wait()).toMatchObject({ ok: { samples: [] } });
  const list = requestOf({ method: "record.list", params: {} });
  expect(await server.handle(list, 0)).toMatchObject({ ok: { total: 1 } });
});
