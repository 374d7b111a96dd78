/** The unit as systemd judges it, without running it. debian-package.test.ts runs it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../../relay/config.ts";
import { EXIT } from "../../relay/exit-code.ts";
import { KEY_CREDENTIAL } from "../../relay/identity/key.ts";
import { projectPath } from "../../worker/selfhost/project.ts";

const UNIT = projectPath("relay/deploy/aimdb-relay.service");
const unit = readFileSync(UNIT, "utf8");

/** Of systemd-analyze's scale from 0, the tightest, to 10. */
const MAX_EXPOSURE = 3;

function canAnalyze(): boolean {
  try {
    execFileSync("systemd-analyze", ["--version"], { stdio: "ignore" });
    return true;
  } catch (error) {
    const text = "NO systemd-analyze: the unit's hardening is not judged.";
    if (process.env["CI"] !== undefined) throw new Error(text, { cause: error });
    process.stderr.write(`\n${text}\n`);
    return false;
  }
}

test.runIf(canAnalyze())("systemd finds the unit's exposure to be 3.0 at most", () => {
  const args = ["security", "--offline=true", "--no-pager", UNIT];
  const report = execFileSync("systemd-analyze", args, { encoding: "utf8" });
  const exposure = /Overall exposure level for \S+: (\d+\.\d+)/.exec(report)?.[1];

  expect(Number(exposure)).toBeLessThanOrEqual(MAX_EXPOSURE);
});

test.each([
  "Type=notify",
  "NotifyAccess=all",
  "User=aimdb-relay",
  "ProtectSystem=strict",
  "PrivateTmp=no",
  "Restart=on-failure",
  `RestartPreventExitStatus=${EXIT.needsOperator}`,
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
  "StateDirectory=aimdb-relay",
  "RuntimeDirectory=aimdb-relay",
])("the unit says %s", (line) => {
  expect(unit.split("\n")).toContain(line);
});

test.each(["WatchdogSec", "MemoryMax", "SystemCallFilter", "ExecReload"])(
  "the unit sets %s",
  (name) => {
    expect(unit).toMatch(new RegExp(`^${name}=.+$`, "m"));
  },
);

test("the drop-in names the credential as the relay looks for it", () => {
  const dropIn = readFileSync(projectPath("relay/deploy/credential.conf"), "utf8");

  expect(dropIn).toMatch(new RegExp(`^LoadCredentialEncrypted=${KEY_CREDENTIAL}:`, "m"));
});

test("the example configuration is good as it stands, and with every line in force", () => {
  const example = readFileSync(projectPath("relay/deploy/config.toml"), "utf8");
  const inForce = example
    .replaceAll(/^#(?=[a-z_]+ = |[ \]])(?! )/gm, "")
    .replaceAll(/^# {2}/gm, "");

  expect(parseConfig(example)).toMatchObject({ ok: true, value: { writableRecords: [] } });
  expect(parseConfig(inForce)).toMatchObject({
    ok: true,
    value: { writableRecords: [{ record: "app.settings" }, { record: "heater.*" }] },
  });
});
