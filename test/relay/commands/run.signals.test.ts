/** What a running relay does when its operator or service manager speaks to it. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import { run } from "../../../relay/commands/run.ts";
import { enrolledDevice } from "../support/device/enrolled-device.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { requestOf } from "../support/worker-side/link-request.ts";
import { PlayedWorker } from "../support/worker-side/played-worker.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";
import { until } from "../support/until.ts";

const A_LONG_WAIT = { record: "a", wait_ms: 25_000, max_samples: 1_000, max_bytes: 100_000 };

async function begin() {
  const worker = await PlayedWorker.start();
  const device = await enrolledDevice(worker.server.url);
  const socketPath = join(device.sockets, "boiler.sock");
  const records = [latest("a", { initial: { n: 1 } })];
  const host = await startHost({ aimx: "3.0", records, socketPath });
  const variables = { STATE_DIRECTORY: device.state };
  const environment = new TestEnvironment({ homeFolder: device.folder, variables });
  const ended = run(device.configPath, environment);
  onTestFinished(async () => {
    environment.stopping.abort();
    await ended;
  });
  return { worker, host, environment, ended };
}

test("run that is told to stop answers a read that waits for samples at once [L-5]", async () => {
  const { worker, environment, ended } = await begin();
  const link = await worker.link();
  const request = requestOf({
    method: "samples.read",
    params: A_LONG_WAIT,
    deadline_ms: 30_000,
  });
  link.send(JSON.stringify(request));
  const probe = await worker.ask(link, { params: { record: "a" } });
  expect(probe).toMatchObject({ ok: { record_key: "a" } });

  environment.stopping.abort();

  expect(await ended).toBe(0);
  expect(worker.of("reply").at(-1)).toMatchObject({
    id: request.id,
    ok: { record_key: "a", samples: [] },
  });
  expect(worker.of("drain")).toHaveLength(1);
});

test("run dials at once on SIGHUP, whatever is left of its wait [W-5]", async () => {
  const { worker, environment } = await begin();
  const link = await worker.link();
  link.close(CLOSE_CODES.replaced.code);
  await until("the wait", () => environment.log.of("link_down").length === 1);
  expect(environment.log.of("link_down")[0]?.["retry_in_ms"]).toBeGreaterThanOrEqual(30_000);

  environment.hangUp();

  await worker.link(2);
  expect(worker.server.requests).toHaveLength(2);
});
