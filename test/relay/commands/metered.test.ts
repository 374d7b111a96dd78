/** What an operator is told of a metered link. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { doctor } from "../../../relay/commands/doctor.ts";
import { metrics } from "../../../relay/commands/metrics.ts";
import { status } from "../../../relay/commands/status.ts";
import { ControlServer } from "../../../relay/control/control-server.ts";
import type { RelayStatus } from "../../../relay/control/relay-status.ts";
import type { Environment } from "../../../relay/environment.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { statusWith } from "../support/device/relay-status.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

const UNTIL = "2026-11-20T13:00:00.000Z";

async function ask(
  passes: RelayStatus["traffic"]["passes"],
  command: (environment: Environment) => Promise<number>,
): Promise<string> {
  const told = statusWith();
  const hour = { ...told.traffic.hour, budget_bytes: 100_000 };
  const until = passes === "all" ? null : UNTIL;
  const traffic = { ...told.traffic, hour, passes, until };
  const state = await freshFolder();
  const nothing = () => Promise.reject(new Error("Nothing waits."));
  const server = await ControlServer.open({
    path: join(state, "control.sock"),
    handlers: { status: async () => ({ ...told, traffic }), writes: nothing, decide: nothing },
    clock: new ManualClock(),
  });
  onTestFinished(() => server.close());
  const variables = { STATE_DIRECTORY: state };
  const environment = new TestEnvironment({ homeFolder: state, variables });
  await command(environment);
  return environment.printed;
}

const look = (environment: Environment) =>
  doctor({ json: false, configPath: undefined }, environment);

test("status says what is used of a budget, what is held back, and until when", async () => {
  const tell = (environment: Environment) => status({ json: false }, environment);

  expect(await ask("all", tell)).toContain(
    "  traffic      1.5 kB of 100 kB this hour, 4.5 MB this month (UTC)\n",
  );
  expect(await ask("no_lists", tell)).toContain(
    `this month (UTC); neither samples nor lists go until ${UNTIL}\n`,
  );
});

test("doctor fails where something is refused, and says what to do", async () => {
  expect(await ask("all", look)).toContain("PASS  link budget     nothing is held back\n");
  expect(await ask("fewer_samples", look)).toContain(
    "PASS  link budget     fewer samples go until",
  );
  const failed = await ask("writes_only", look);
  expect(failed).toContain(`FAIL  link budget     nothing but writes goes until ${UNTIL}\n`);
  expect(failed).toContain("raise link_budget_per_hour");
});

test("metrics have the budget, and how much is held back", async () => {
  const printed = await ask("no_samples", metrics);

  expect(printed).toContain('aimdb_relay_link_budget_bytes{period="hour"} 100000\n');
  expect(printed).not.toContain('aimdb_relay_link_budget_bytes{period="month"}');
  expect(printed).toContain("aimdb_relay_link_budget_restriction 2\n");
});
