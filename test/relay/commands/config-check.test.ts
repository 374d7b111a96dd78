import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configCheck } from "../../../relay/commands/config-check.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

async function check(text?: string, json = false) {
  const homeFolder = await freshFolder();
  const environment = new TestEnvironment({ homeFolder });
  const path = join(homeFolder, "relay.toml");
  if (text !== undefined) await writeFile(path, text);
  const code = await configCheck(
    { json, configPath: text === undefined ? undefined : path },
    environment,
  );
  const { printed, printedError } = environment;
  return { code, path, printed, printedError };
}

test("config check says that the defaults hold where there is no file", async () => {
  expect(await check()).toMatchObject({
    code: 0,
    printed: [
      "No configuration file; the defaults hold.",
      "  sockets         /tmp/*.sock, /var/run/aimdb/*.sock",
      "  owners          root, the relay's user",
      "  writable        nothing",
      "  hidden          nothing",
      "  confirm writes  always",
      "  rate limit      100 calls per minute",
      "  last known      every 15 minutes",
      "  link budget     off",
      "  audit log       off",
      "  metrics         off",
      "  certificates    built in",
      "",
    ].join("\n"),
    printedError: "",
  });
});

test("config check says what a good file means", async () => {
  const checked = await check(`
allowed_sockets = ["/run/a.sock"]
writable_records = ["app.*", { record = "tank.setpoint" }]
hidden_records = ["internal.*"]
confirm_writes = "local"
rate_limit = 0
last_known_interval_minutes = 0
link_budget_per_hour = "10MB"
link_budget_per_month = "2 GB"
audit_log = "/var/log/aimdb.log"
allowed_owners = [1000]
metrics_listen = "[::1]:9464"
ca_file = "/etc/company.pem"
`);
  expect(checked).toMatchObject({
    code: 0,
    printed: [
      `${checked.path} is good.`,
      "  sockets         /run/a.sock",
      "  owners          root, the relay's user, 1000",
      "  writable        app.*, tank.setpoint",
      "  hidden          internal.*",
      "  confirm writes  local",
      "  rate limit      off",
      "  last known      off",
      "  link budget     10 MB an hour, 2 GB a month",
      "  audit log       /var/log/aimdb.log",
      "  metrics         [::1]:9464",
      "  certificates    built in, /etc/company.pem",
      "",
    ].join("\n"),
  });
});

test("config check names every problem of a bad file and ends with 78", async () => {
  const { code, path, printed, printedError } = await check("rate_limits = 1\naudit_log = 2\n");
  expect(code).toBe(78);
  expect(printed).toBe("");
  expect(printedError.split("\n").toSorted()).toEqual([
    "",
    `${path}: audit_log: must be a string`,
    `${path}: rate_limits: unknown key; did you mean "rate_limit"?`,
  ]);
});

test("config check says in JSON that a file is good", async () => {
  const { code, path, printed } = await check("rate_limit = 5", true);
  expect(code).toBe(0);
  expect(JSON.parse(printed)).toEqual({ ok: true, path, problems: [] });
});

test("config check says in JSON each thing that is wrong, and ends with 78", async () => {
  const { code, path, printed, printedError } = await check("nope = 1\nrate_limit = -1", true);
  expect([code, printedError]).toEqual([78, ""]);
  expect(JSON.parse(printed)).toEqual({
    ok: false,
    problems: [`${path}: rate_limit: must be at least 0`, `${path}: nope: unknown key`],
  });
});
