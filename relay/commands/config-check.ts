/** `aimdb-relay config check` */
import { hostPort } from "#shared/net/host-port.ts";
import { showByteSize } from "../byte-size.ts";
import { loadConfig, type LoadedConfig } from "../config-file.ts";
import type { Config } from "../config.ts";
import type { Environment } from "../environment.ts";
import type { BudgetLimits } from "../traffic/budget.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";

export async function configCheck(
  { json, configPath }: { readonly json: boolean; readonly configPath: string | undefined },
  environment: Environment,
): Promise<ExitCode> {
  const loaded = await loadConfig(configPath, environment);
  if (json) {
    const told = loaded.ok
      ? { ok: true, path: loaded.value.path ?? null, problems: [] }
      : { ok: false, problems: loaded.error.split("\n") };
    environment.print(`${JSON.stringify(told)}\n`);
  } else if (loaded.ok) environment.print(toText(loaded.value));
  else environment.printError(`${loaded.error}\n`);
  return loaded.ok ? EXIT.ok : EXIT.needsOperator;
}

function toText({ path, config }: LoadedConfig): string {
  return [
    path === undefined ? "No configuration file; the defaults hold." : `${path} is good.`,
    `  sockets         ${config.allowedSockets.join(", ") || "none"}`,
    `  owners          ${["root", "the relay's user", ...config.allowedOwners].join(", ")}`,
    `  writable        ${config.writableRecords.map(({ record }) => record).join(", ") || "nothing"}`,
    `  hidden          ${config.hiddenRecords.join(", ") || "nothing"}`,
    `  confirm writes  ${config.confirmWrites}`,
    `  rate limit      ${config.rateLimitPerMinute === 0 ? "off" : `${config.rateLimitPerMinute} calls per minute`}`,
    `  last known      ${config.lastKnownIntervalMs === 0 ? "off" : `every ${config.lastKnownIntervalMs / 60_000} minutes`}`,
    `  link budget     ${describeBudget(config.linkBudget)}`,
    `  audit log       ${config.auditLog ?? "off"}`,
    `  metrics         ${describeListen(config.metricsListen)}`,
    `  certificates    built in${config.caFile === undefined ? "" : `, ${config.caFile}`}`,
    "",
  ].join("\n");
}

function describeListen(listen: Config["metricsListen"]): string {
  return listen === undefined ? "off" : hostPort(listen.host, listen.port);
}

function describeBudget({ hour, month }: BudgetLimits): string {
  const parts = [
    ...(hour === undefined ? [] : [`${showByteSize(hour)} an hour`]),
    ...(month === undefined ? [] : [`${showByteSize(month)} a month`]),
  ];
  return parts.join(", ") || "off";
}
