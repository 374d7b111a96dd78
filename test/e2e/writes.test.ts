/** A write happens at most once, whatever fails on its way, and what became of it is found out. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import type { Simulator } from "../../worker/selfhost/simulator/server.ts";
import { FaultProxy } from "../faults/fault-proxy.ts";
import type { ConnectedClient, ToolAnswer } from "../support/clients/mcp.ts";
import type { RelayProcess } from "../support/processes/relay-process.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";
import { UNCONFIRMED_WRITES } from "../support/clients/admin-api.ts";

let bed: TestBed;
let client: ConnectedClient;
let relay: RelayProcess;
let host: Simulator;
let link: FaultProxy;

beforeAll(async () => {
  bed = await TestBed.open();
  host = await bed.host("plant");
  relay = await bed.relay("gw", ["plant"], { starts: false });
  link = new FaultProxy(bed.worker.url);
  await link.lead(join(bed.folder, "relay-gw", "state", "identity.json"));
  bed.onClose(() => link.close());
  relay.start();
  client = await bed.client();
  await untilStatus(client, "gw/plant", "up");
});

afterAll(() => bed.close());

const set = (max: number, more: Record<string, unknown> = {}): Promise<ToolAnswer> =>
  client.call("set_record", {
    instance: "gw/plant",
    record_name: "app.settings",
    value: { log_level: "info", max },
    ...more,
  });
const outcomeOf = async ({ json }: ToolAnswer) =>
  (await client.call("get_write_outcome", { call_id: json.call_id })).json;
const sets = () => host.requestCounts.get("record.set") ?? 0;

/** Waits until the write is looked up as something else than unknown, or is settled. */
function settled(answer: ToolAnswer, is: (json: Record<string, unknown>) => boolean) {
  return waitFor(20_000, async () => {
    const json = await outcomeOf(answer);
    return is(json) ? json : undefined;
  });
}

describe("a write", () => {
  test("is applied once, and its outcome can be looked up afterwards", async () => {
    const before = sets();

    const answer = await set(1);

    expect(answer.json).toMatchObject({ success: true, outcome: "applied" });
    expect(await outcomeOf(answer)).toMatchObject({ outcome: "applied" });
    expect(sets()).toBe(before + 1);
  });

  test("under an idempotency key is one, however often it is asked for", async () => {
    const before = sets();

    const answers = [];
    for (let n = 0; n < 5; n += 1) answers.push(await set(2, { idempotency_key: "once" }));

    expect(new Set(answers.map(({ json }) => json.call_id)).size).toBe(1);
    expect(sets()).toBe(before + 1);
    expect((await set(3, { idempotency_key: "once" })).json.error.code).toBe(
      "idempotency_conflict",
    );
  });

  test("whose relay is killed before the host answered is unknown, with evidence, and not repeated", async () => {
    host.setFaults({ unansweredMethod: "record.set" });
    const before = sets();
    const writing = set(41);
    await waitFor(5_000, async () => sets() > before || undefined);
    await relay.stop("SIGKILL");
    const answer = await writing;
    host.setFaults({});
    expect(answer.json).toMatchObject({ success: false, outcome: "unknown" });

    relay.start();
    const json = await settled(answer, (now) => now["now_equals_requested"] !== undefined);

    expect(json).toMatchObject({ outcome: "unknown", now_equals_requested: true });
    expect(sets()).toBe(before + 1);
  });

  test("that was under way when the link was cut is found out once the relay is back", async () => {
    await untilStatus(client, "gw/plant", "up");
    host.setFaults({ replyDelayMs: 1_500, delayedMethod: "record.set" });
    const before = sets();
    const writing = set(42);
    await waitFor(5_000, async () => sets() > before || undefined);
    link.cut();
    const answer = await writing;
    host.setFaults({});
    expect(answer.json).toMatchObject({ success: false, outcome: "unknown" });

    const json = await settled(answer, (now) => now["outcome"] === "applied");

    expect(json).toMatchObject({ outcome: "applied" });
    expect(sets()).toBe(before + 1);
  });

  test("to a host that is gone is not applied, and no later host gets it", async () => {
    await untilStatus(client, "gw/plant", "up");
    await host.close({ leaveSocketFile: true });
    await untilStatus(client, "gw/plant", "down");

    const answer = await set(43);
    host = await bed.host("plant");
    await untilStatus(client, "gw/plant", "up");

    expect(answer.json).toMatchObject({ outcome: "not_applied", error: { code: "instance_down" } });
    expect(await outcomeOf(answer)).toMatchObject({ outcome: "not_applied" });
    expect(sets()).toBe(0);
  });

  test("of many callers at once is each executed once, in whatever order", async () => {
    const before = sets();

    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => set(100 + n)));

    expect(new Set(answers.map(({ json }) => json.outcome))).toEqual(new Set(["applied"]));
    expect(new Set(answers.map(({ json }) => json.call_id)).size).toBe(20);
    expect(sets()).toBe(before + 20);
  });

  test("that is only tried changes nothing, and says what would happen", async () => {
    const before = sets();

    const { json, isError } = await set(7, { dry_run: true });
    const wrong = await set(7, { dry_run: true, value: { log_level: 1, max: 7 } });

    expect(isError).toBe(false);
    expect(json).toMatchObject({ status: "checked", changed: false, needs: "no confirmation" });
    expect(json.current).toMatchObject({ log_level: "info" });
    expect(wrong.json.error).toMatchObject({
      code: "invalid_value",
      message: expect.stringContaining("log_level is number, seen: text"),
    });
    expect(sets()).toBe(before);
  });

  test("that expects what the record does not hold is refused", async () => {
    const before = sets();

    const { json } = await set(8, { expected: { log_level: "none", max: 0 } });

    expect(json).toMatchObject({ outcome: "refused", error: { code: "conflict" } });
    expect(sets()).toBe(before);
  });
});

test("the device's journal is its owner's alone, and has every write with its end", async () => {
  const path = join(bed.folder, "relay-gw", "state", "writes.ndjson");

  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const written = lines.map((line) => JSON.parse(line) as { t: string; id: string });

  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(written[0]).toMatchObject({ t: "journal", id: expect.stringMatching(/^[0-9a-f]{32}$/) });
  const open = new Set(written.filter(({ t }) => t === "intent").map(({ id }) => id));
  for (const { id } of written.filter(({ t }) => t === "outcome")) open.delete(id);
  expect(open).toEqual(new Set());
});

describe("a team that wants a person's confirmation", () => {
  beforeAll(() => bed.worker.setWritePolicy({ rules: [{ record: "*" }] }));
  afterAll(() => bed.worker.setWritePolicy(UNCONFIRMED_WRITES));

  test("gets nothing written by a model, however it tries", async () => {
    const before = sets();
    const first = await set(9);
    const again = await set(9);
    const made = await set(9, { confirm: true, confirmation: first.json.call_id });

    expect(first.json).toMatchObject({
      status: "awaiting_confirmation",
      changed: false,
      confirm_url: expect.stringContaining(`/confirm/${first.json.call_id}`),
    });
    expect(again.json.call_id).toBe(first.json.call_id);
    expect(made.json.error).toMatchObject({ code: "invalid_input" });
    expect(await outcomeOf(first)).toMatchObject({ status: "awaiting_confirmation" });
    expect(sets()).toBe(before);
  });
});

test("a device that wants its operator's approval writes on aimdb-relay confirm, and then only", async () => {
  const local = await bed.host("local");
  const careful = await bed.relay("careful", ["local"], { config: { confirm_writes: "local" } });
  await untilStatus(client, "careful/local", "up");
  const count = () => local.requestCounts.get("record.set") ?? 0;

  const answer = await set(11, { instance: "careful/local" });
  expect(answer.json).toMatchObject({
    status: "awaiting_confirmation",
    error: {
      code: "confirmation_required",
      message: expect.stringContaining("aimdb-relay confirm"),
    },
  });
  expect(count()).toBe(0);

  const id = String(answer.json.call_id).split(".")[1] ?? "";
  expect(await careful.command(["confirm", "--list"])).toContain(id.slice(0, 8));
  expect(await careful.command(["confirm", id])).toBe("applied: app.settings\n");

  expect(await outcomeOf(answer)).toMatchObject({ outcome: "applied" });
  expect(count()).toBe(1);
});
