/** A team's log on `npm start`, beside the log of the device that was asked. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { Installation } from "../support/processes/installation.ts";

interface Line {
  readonly action: string;
  readonly target: string | null;
  readonly outcome: string;
  readonly call_id: string;
}

let at: Installation;

beforeAll(async () => {
  at = await Installation.open();
});

afterAll(() => at?.close());

async function activityOf(...filter: string[]): Promise<Line[]> {
  return (JSON.parse(await at.admin("activity", "--json", ...filter)) as { activity: Line[] })
    .activity;
}

/** Call ids in the device's own log. */
async function deviceCalls(method: string): Promise<string[]> {
  const lines = (await at.deviceLog()).trim().split("\n");
  const entries = lines.map((text) => JSON.parse(text) as { method: string; call_id: string });
  return [...new Set(entries.flatMap((one) => (one.method === method ? [one.call_id] : [])))];
}

test.each([
  ["get_record", "record.get"],
  ["drain_record", "samples.read"],
])("%s is in the team's log, and its id begins those in the device's", async (tool, method) => {
  await at.client.call(tool, { instance: "gw-1/plant", record_name: "app.readonly" });

  const find = () => activityOf("--action", `tool.${tool}`);
  await expect.poll(find, { timeout: 10_000 }).toHaveLength(1);
  const [noted] = await find();
  expect(noted).toMatchObject({ target: "gw-1/plant", outcome: "ok" });
  const calls = await deviceCalls(method);
  expect(calls.length).toBeGreaterThan(0);
  expect(calls.every((id) => id.startsWith(noted?.call_id ?? "none"))).toBe(true);
});

test("the device that enrolled is in the log, and who made its token", async () => {
  expect(await activityOf("--target", "gw-1", "--action", "relay.enroll")).toHaveLength(1);
  expect(await activityOf("--action", "join_token.create", "--principal", "operator")).toHaveLength(
    1,
  );
});

test("the log verifies, and is exported with the hash that verifying names", async () => {
  const verified = await at.admin("activity", "verify", "--json");
  const { intact, checked, newest } = JSON.parse(verified) as {
    intact: boolean;
    checked: number;
    newest: { seq: number; hash: string };
  };
  const lines = (await at.admin("activity", "export")).split("\n");

  expect(intact).toBe(true);
  expect(lines.length).toBeGreaterThanOrEqual(checked);
  expect(lines.map((text) => JSON.parse(text) as { seq: number; hash: string })).toContainEqual(
    expect.objectContaining(newest),
  );
});

test("settings say how long the log is kept, and are changed one at a time", async () => {
  await at.admin("settings", "set", "--retention-days", "30");

  expect(await at.admin("settings")).toBe("retention_days\t30\naudit_reads\tbatched");
});
