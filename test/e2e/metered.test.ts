/** A gateway that pays for its link: what its callers get when a tiny budget runs low, is used up, and opens again. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { EventSource, type ServerEvent } from "../support/clients/event-source.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import type { RelayProcess } from "../support/processes/relay-process.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const FAST = "gw/fast/sensor.temp";
const READ = { instance: "gw/fast", record_name: "sensor.temp" };
const WRITTEN = { instance: "gw/fast", record_name: "app.settings" };

let bed: TestBed;
let client: ConnectedClient;
let relay: RelayProcess;
let source: EventSource;

beforeAll(async () => {
  bed = await TestBed.open();
  await bed.host("fast", "3.0", 25);
  relay = await bed.relay("gw", ["fast"], {
    config: { link_budget_per_hour: "100 kB" },
    variables: { NODE_OPTIONS: `--import ${projectPath("test/support/machines/set-clock.mjs")}` },
  });
  client = await bed.client();
  await untilStatus(client, "gw/fast", "up");
  const token = await bed.worker.createAccessToken();
  source = await EventSource.open(bed.worker.url, { token, records: [FAST], presence: false });
});

afterAll(async () => {
  source.cut();
  await bed.close();
});

/** Until the relay's log has such a line. */
async function untilLogged(...texts: readonly string[]): Promise<void> {
  const has = (line: string) => texts.every((text) => line.includes(text));
  const found = await waitFor(20_000, async () => relay.log.split("\n").find(has));
  if (found === undefined) throw new Error(`The relay did not log ${texts.join()}: ${relay.log}`);
}

async function traffic() {
  return JSON.parse(await relay.command(["status", "--json"])).traffic;
}

function turnHour(): void {
  process.kill(Number(relay.pid), "SIGUSR2");
}

const get = async () => (await client.call("get_record", READ)).json;

type Read = Awaited<ReturnType<typeof get>>;

/** As often as it takes, ten at a time. */
async function untilRead(fits: (read: Read) => boolean): Promise<Read> {
  const found = await waitFor(20_000, async () =>
    (await Promise.all(Array.from({ length: 10 }, get))).find(fits),
  );
  if (found === undefined) throw new Error(`No such read: ${JSON.stringify(await get())}`);
  return found;
}

/** Sequences between those that were told, less those that a gap counts. */
function holeIn(events: readonly ServerEvent[]): number {
  const isSample = ({ event }: ServerEvent) => event === "sample";
  const run = events.slice(events.findIndex(isSample), events.findLastIndex(isSample) + 1);
  const sequences = run.filter(isSample).map(({ data }) => Number(data["sequence"]));
  const gaps = run.filter(({ event }) => event === "gap");
  const missed = gaps.reduce((sum, { data }) => sum + Number(data["missed"]), 0);
  return Number(sequences.at(-1)) - Number(sequences[0]) + 1 - sequences.length - missed;
}

test("a stream gets fewer samples from half of it on, and single reads are answered", async () => {
  await untilLogged("link_budget_low", '"passes":"fewer_samples"');
  const count = source.of("sample").length;

  expect(await get()).toMatchObject({ stale: false });
  expect(await traffic()).toMatchObject({
    hour: { budget_bytes: 100_000 },
    month: { budget_bytes: null },
    passes: "fewer_samples",
  });
  // At its rate of before it would have some tens more.
  expect(source.of("sample").length - count).toBeLessThan(5);
});

test("when the hour turns it goes on with the newest, each that was left out counted", async () => {
  turnHour();
  const gap = await source.next("gap", ({ reason }) => reason === "budget");
  await source.next("sample");

  expect(gap.data["missed"]).toBeGreaterThan(0);
  expect(holeIn(source.events)).toBe(0);
  await untilLogged("link_budget_open");
});

test("what it has left at the end is for writes: reads are told when it opens again", async () => {
  source.cut();
  const { error: refused } = await untilRead(({ error }) => error?.code === "rate_limited");
  const written = await client.call("set_record", {
    ...WRITTEN,
    value: { log_level: "debug", max: 3 },
  });

  expect(refused.message).toContain("100 kB an hour (link_budget_per_hour)");
  expect(refused.retry_after_s).toBeGreaterThan(3_000);
  expect(written.json).toMatchObject({ outcome: "applied" });
  expect(await traffic()).toMatchObject({ passes: "writes_only" });
});

test("it stays used up after a restart, and is open again with the next hour", async () => {
  await relay.stop();
  relay.start();
  await untilStatus(client, "gw/fast", "up");
  // Its clock begins anew, in the hour before.
  turnHour();
  const again = await waitFor(10_000, async () => {
    const { passes } = await traffic();
    return passes === "writes_only" ? passes : undefined;
  });
  const refused = await get();
  turnHour();
  const open = await untilRead(({ error }) => error === undefined);

  expect(again).toBe("writes_only");
  expect(refused.error).toMatchObject({ code: "rate_limited" });
  expect(open).toMatchObject({ stale: false });
});
