/** What a running relay does with the worker's continuity values, over real links. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import { run } from "../../../relay/commands/run.ts";
import { status } from "../../../relay/commands/status.ts";
import { enrolledDevice } from "../support/device/enrolled-device.ts";
import { PlayedWorker } from "../support/worker-side/played-worker.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";
import { until } from "../support/until.ts";

const [FIRST, SECOND] = ["a".repeat(43), "b".repeat(43)];

async function begin() {
  const worker = await PlayedWorker.start();
  worker.continuity = FIRST;
  const device = await enrolledDevice(worker.server.url);
  const variables = { STATE_DIRECTORY: device.state };
  const start = () => {
    const environment = new TestEnvironment({ homeFolder: device.folder, variables });
    const ended = run(device.configPath, environment);
    const stop = async () => {
      environment.stopping.abort();
      await ended;
    };
    onTestFinished(stop);
    return { environment, stop };
  };
  const ask = async (json: boolean) => {
    const asking = new TestEnvironment({ homeFolder: device.folder, variables });
    await status({ json }, asking);
    return asking.printed;
  };
  /** What each dial showed. */
  const shown = () =>
    worker.server.requests.map(({ headers }) => {
      const token = (headers.authorization ?? "").replace("Bearer ", "");
      return decodeJwt<{ cont?: string }>(token).cont;
    });
  const path = join(device.state, "continuity.json");
  return { worker, start, ask, shown, path };
}

test("a relay shows in each dial what the welcome before gave, and in the first nothing [D-20]", async () => {
  const { worker, start, shown, ask } = await begin();
  start();
  const link = await worker.link();
  worker.continuity = SECOND;
  link.close(CLOSE_CODES.going_away.code);
  (await worker.link(2)).close(CLOSE_CODES.going_away.code);
  await worker.link(3);

  expect(shown()).toEqual([undefined, FIRST, SECOND]);
  expect(await ask(false)).toContain("continuity   kept");
  expect(JSON.parse(await ask(true))).toMatchObject({ continuity: "kept" });
  expect(await ask(true)).not.toContain(SECOND);
  expect(worker.server.requests.map(({ url }) => url)).toEqual(["/relay", "/relay", "/relay"]);
});

test("a relay that was started anew shows what its last process has stored [D-20]", async () => {
  const { worker, start, shown } = await begin();
  const first = start();
  await worker.link();
  await first.stop();

  start();
  await worker.link(2);

  expect(shown()).toEqual([undefined, FIRST]);
});

test("a relay that can't store the value serves all the same, says so, and shows the one before [D-19]", async () => {
  const { worker, start, ask, shown, path } = await begin();
  await mkdir(join(`${path}.new`, "full"), { recursive: true });
  const { environment } = start();
  const link = await worker.link();
  await until("the failure", () => environment.log.of("continuity_not_stored").length === 1);

  expect(await ask(false)).toContain("continuity   not kept");
  expect(JSON.parse(await ask(true))).toMatchObject({
    continuity: "not_stored",
    problems: [{ event: "continuity_not_stored" }],
  });
  link.close(CLOSE_CODES.going_away.code);
  await worker.link(2);
  expect(shown()).toEqual([undefined, undefined]);
});
