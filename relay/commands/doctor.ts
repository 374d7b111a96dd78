/** `aimdb-relay doctor`: what is wrong, and what to do. It changes nothing and shows no secret. */
import { errorText } from "#shared/text/error-text.ts";
import { systemClock } from "../clock.ts";
import { askRelay } from "../control/ask-relay.ts";
import { controlPath } from "../control/control-path.ts";
import { headlineOf } from "../control/describe-relay.ts";
import { HELD_BACK } from "../control/held-back.ts";
import { otherEnrollment } from "../control/other-enrollment.ts";
import { otherRelease, toldStatusSchema, type ToldStatus } from "../control/told-status.ts";
import { Scanner } from "../discovery/scan.ts";
import { fail, pass, skip, type Check } from "../doctor/check.ts";
import { checkDevice, type Device } from "../doctor/device-checks.ts";
import { checkHosts } from "../doctor/host-checks.ts";
import { reachWorker } from "../doctor/reach-worker.ts";
import { tryKey } from "../doctor/try-key.ts";
import { checkClock, checkDial, checkWay } from "../doctor/worker-checks.ts";
import type { Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectHost } from "../instances/host/connect.ts";
import type { DialFailure } from "../link/next-step.ts";
import { trustedOwners } from "../owners.ts";
import { RELAY_VERSION } from "../version.ts";
import { describeFailure } from "./status.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { printableLine } from "#shared/text/printable.ts";

interface DoctorOptions {
  readonly json: boolean;
  readonly configPath: string | undefined;
}

export async function doctor(
  { json, configPath }: DoctorOptions,
  environment: Environment,
): Promise<ExitCode> {
  const device = await checkDevice(configPath, environment);
  const [worker, running, hosts] = await Promise.all([
    checkWorker(device),
    checkRunning(device, environment),
    checkMachine(device, environment),
  ]);
  const checks = [...device.checks, ...worker, ...running, ...hosts];
  const ok = checks.every(({ status }) => status !== "FAIL");
  environment.print(
    json ? `${JSON.stringify({ ok, version: RELAY_VERSION, checks })}\n` : toText(checks),
  );
  return ok ? EXIT.ok : EXIT.failed;
}

async function checkWorker({ config, identity, key }: Device): Promise<Check[]> {
  if (identity === undefined)
    return [skip("worker", "It is not known before the device is enrolled.")];
  const net = { caFile: config?.caFile };
  const link = new URL(identity.link_url);
  try {
    const reach = await reachWorker(link, net);
    const way = checkWay(link, reach, systemClock.wallMs());
    if (reach.failure !== undefined || key === undefined) {
      return [...way, checkClock(reach.serverTimeMs, systemClock)];
    }
    const refusal = await tryKey({ identity, key }, net, systemClock);
    const serverTimeMs = reach.serverTimeMs ?? serverTimeOf(refusal);
    return [...way, checkClock(serverTimeMs, systemClock), ...checkDial(refusal)];
  } catch (error) {
    // The file of certificates can't be read, or HTTPS_PROXY is not an address.
    return [fail("worker", errorText(error), "Correct ca_file or HTTPS_PROXY.")];
  }
}

function serverTimeOf(failure: DialFailure): number | undefined {
  return failure.type === "status" ? failure.serverTimeMs : undefined;
}

async function checkRunning({ identity }: Device, environment: Environment): Promise<Check[]> {
  const path = controlPath(environment);
  const asked = await askRelay(
    { ask: "status" },
    { path, connect: connectHost, clock: systemClock },
  );
  if (!asked.ok) return [skip("running relay", describeFailure(asked.error, path))];
  const status = safeParse(toldStatusSchema, asked.value);
  if (!status.success) {
    return [fail("running relay", "It is of another release.", "Restart it.")];
  }
  const { data } = status;
  const other = identity === undefined ? undefined : otherEnrollment(data, identity);
  const running =
    other === undefined
      ? checkLink(data)
      : fail("running relay", `It serves, but ${other}.`, RESTART);
  return [running, ...checkBudget(data)];
}

const RESTART = "systemctl restart aimdb-relay, or end aimdb-relay run and start it again.";

function checkLink(told: ToldStatus): Check {
  const headline = headlineOf(told);
  if (told.link.state !== "live") {
    return fail("running relay", headline, "Do what the steps above say, then aimdb-relay status.");
  }
  const release = otherRelease(told);
  return pass("running relay", release === undefined ? headline : `${headline}; ${release}`);
}

/** For a metered link. */
function checkBudget({ traffic }: ToldStatus): Check[] {
  if (traffic === undefined) return [];
  const { hour, month, passes, until } = traffic;
  if (hour.budget_bytes === null && month.budget_bytes === null) return [];
  const isAnswering = passes === "all" || passes === "fewer_samples";
  const detail = until === null ? HELD_BACK[passes] : `${HELD_BACK[passes]} until ${until}`;
  if (isAnswering) return [pass("link budget", detail)];
  const remedy =
    "Wait, or raise link_budget_per_hour or link_budget_per_month and restart the relay.";
  return [fail("link budget", detail, remedy)];
}

async function checkMachine({ config }: Device, environment: Environment): Promise<Check[]> {
  if (config === undefined) return [skip("instances", "Which sockets are allowed is not known.")];
  const scanner = new Scanner({
    patterns: config.allowedSockets,
    owners: trustedOwners(config, environment.userId),
    connect: connectHost,
    clock: systemClock,
  });
  const context = { config, connect: connectHost, clock: systemClock };
  return checkHosts(await scanner.scan(), context);
}

function toText(checks: readonly Check[]): string {
  return checks
    .flatMap(({ check, status, detail, remedy }) => [
      `${status}  ${check.padEnd(14)}  ${detail}`,
      ...(remedy === undefined ? [] : [`      ${" ".repeat(14)}  -> ${remedy}`]),
    ])
    .map((line) => `${printableLine(line)}\n`)
    .join("");
}
