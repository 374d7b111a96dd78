import { link, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { MAX_INSTANCES } from "#shared/link/limits.ts";
import { run } from "../../../relay/commands/run.ts";
import { metrics } from "../../../relay/commands/metrics.ts";
import { status } from "../../../relay/commands/status.ts";
import { relayStatusSchema } from "../../../relay/control/relay-status.ts";
import { enrolledDevice } from "../support/device/enrolled-device.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { latest, startHost } from "../support/host-side/host.ts";
import { PlayedWorker } from "../support/worker-side/played-worker.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";
import { until } from "../support/until.ts";

async function begin(more: Record<string, string> = {}) {
  const worker = await PlayedWorker.start();
  const device = await enrolledDevice(worker.server.url);
  const socketPath = join(device.sockets, "boiler.sock");
  await startHost({ aimx: "3.0", records: [latest("a", { initial: { n: 1 } })], socketPath });
  const variables = { STATE_DIRECTORY: device.state, ...more };
  const environment = new TestEnvironment({ homeFolder: device.folder, variables });
  const ended = run(device.configPath, environment);
  onTestFinished(async () => {
    environment.stopping.abort();
    await ended;
  });
  const ask = async (json: boolean) => {
    const asking = new TestEnvironment({ homeFolder: device.folder, variables });
    const code = await status({ json }, asking);
    return { code, printed: asking.printed };
  };
  return { worker, device, environment, ask, ended };
}

describe("status of a relay that runs", () => {
  test("ends with 0 and says what it is linked to", async () => {
    const { worker, ask } = await begin();
    await worker.link();

    const { code, printed } = await ask(false);

    expect(code).toBe(0);
    const { port } = worker.server;
    expect(printed).toMatch(`Linked to 127.0.0.1:${port}; 1 of 1 instances up\n`);
    expect(printed).toMatch(/relay {8}gateway of team "Plant"/);
    expect(printed).toContain("continuity   no welcome of this worker has given a value yet");
    expect(printed).toMatch(/traffic {6}[\d.]+ (bytes|kB) this hour, [\d.]+ (bytes|kB) this month/);
    expect(printed).toMatch(/instance {5}boiler {2}up {2}AimX 3\.0, 1 records/);
  });

  test("is told as metrics too, of the same names whatever it holds", async () => {
    const { worker, device, ask } = await begin();
    await worker.link();
    await ask(false);
    const asking = new TestEnvironment({
      homeFolder: device.folder,
      variables: { STATE_DIRECTORY: device.state },
    });

    expect(await metrics(asking)).toBe(0);

    expect(asking.printed).toContain("aimdb_relay_link_up 1\n");
    expect(asking.printed).toMatch(
      /^aimdb_relay_cache_requests_total\{cache="records",result="miss"\} [1-9]/m,
    );
    expect(asking.printed).toContain('aimdb_relay_instance_up{name="boiler"} 1\n');
    expect(asking.printed).toMatch(
      /^aimdb_relay_link_traffic_bytes\{period="month",direction="sent"\} [1-9]/m,
    );
    expect(asking.printed).toContain("aimdb_relay_instances_not_served 0\n");
    expect(asking.printed).toMatch(/^# TYPE aimdb_relay_dropped_samples_total counter$/m);
    expect(asking.printed).not.toMatch(/NaN|undefined|null/);
  });

  test("tells what went over the link, and goes on from there after a restart", async () => {
    const { worker, device, environment, ask, ended } = await begin();
    await worker.link();
    const { printed } = await ask(true);
    const { traffic, counts } = relayStatusSchema.parse(JSON.parse(printed));
    environment.stopping.abort();
    await ended;
    const kept = JSON.parse(await readFile(join(device.state, "traffic.json"), "utf8"));

    expect(traffic.month.sent_bytes).toBeGreaterThan(100);
    expect(traffic.month).toMatchObject({
      sent_bytes: counts.bytes_sent,
      received_bytes: counts.bytes_received,
    });
    expect((await ask(false)).code).toBe(1);
    expect(kept.months.at(-1).sent).toBeGreaterThanOrEqual(traffic.month.sent_bytes);
  });

  test("says how many AimDB processes it has no place for", async () => {
    const { device, environment, ask } = await begin();
    const { socketPath } = await startHost({
      aimx: "3.0",
      socketPath: join(device.sockets, "many.sock"),
      config: { maxConnections: 10 * MAX_INSTANCES },
    });
    for (let i = 1; i < MAX_INSTANCES; i += 1) {
      await link(socketPath, join(device.sockets, `f${i}.sock`));
    }

    await until("the look", () => environment.log.of("instance_not_served").length === 1);

    expect((await ask(false)).printed).toContain(
      "  not served   1 AimDB processes: there is no place for them\n",
    );
    expect(JSON.parse((await ask(true)).printed)).toMatchObject({ not_served: 1 });
  });

  test("has everything in one line of JSON, and no secret", async () => {
    const { worker, device, ask } = await begin();
    await worker.link();

    const { code, printed } = await ask(true);

    expect(code).toBe(0);
    expect(printed).toMatch(/^[^\n]+\n$/);
    const parsed = relayStatusSchema.parse(JSON.parse(printed));
    expect(parsed).toMatchObject({
      relay: "gateway",
      link: { state: "live", session: "s1" },
      instances: [{ name: "boiler", state: "up" }],
      not_served: 0,
      skipped: [],
      problems: [],
    });
    const key = JSON.parse(await readFile(join(device.state, "key.json"), "utf8"));
    expect(printed).not.toContain(key.d);
    expect(printed).not.toContain(worker.server.requests[0]?.headers.authorization?.slice(7));
  });

  test("ends with 1 while there is no link, and says why and what went wrong before", async () => {
    const { worker, environment, ask } = await begin();
    (await worker.link()).close(4409, "because");
    await until("the loss", () => environment.log.of("link_down").length === 1);

    const text = await ask(false);
    const json = await ask(true);

    expect([text.code, json.code]).toEqual([1, 1]);
    expect(text.printed).toContain("Another process dialed with this relay's key");
    expect(text.printed).toMatch(/next dial in \d+ s, 1 failures/);
    expect(JSON.parse(json.printed)).toMatchObject({
      link: { state: "waiting", session: null },
      problems: [{ level: "warn", event: "link_down" }],
    });
  });

  test("is asked in the runtime folder where there is one", async () => {
    const runtime = await freshFolder();
    const { worker, ask } = await begin({ RUNTIME_DIRECTORY: `${runtime}:/nowhere` });
    await worker.link();
    expect((await ask(false)).code).toBe(0);
  });
});

test("status ends with 1 where no relay runs, and says how to start one", async () => {
  const environment = new TestEnvironment({ homeFolder: await freshFolder() });
  expect(await status({ json: true }, environment)).toBe(1);
  expect(environment.printed).toBe("");
  expect(environment.printedError).toMatch(/^No relay answers at .*control\.sock\. Start it: /);
});

test("status ends with 1 once the relay has stopped", async () => {
  const { worker, environment, ask, ended } = await begin();
  await worker.link();
  environment.stopping.abort();
  await ended;
  expect(await ask(false)).toMatchObject({ code: 1, printed: "" });
});
