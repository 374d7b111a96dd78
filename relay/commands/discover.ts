/** `aimdb-relay discover` */
import { printableLine } from "#shared/text/printable.ts";
import { systemClock } from "../clock.ts";
import { loadConfig } from "../config-file.ts";
import { Scanner, type Finding } from "../discovery/scan.ts";
import type { Environment } from "../environment.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { connectHost } from "../instances/host/connect.ts";
import { trustedOwners } from "../owners.ts";

export async function discover(
  options: { readonly json: boolean; readonly configPath: string | undefined },
  environment: Environment,
): Promise<ExitCode> {
  const loaded = await loadConfig(options.configPath, environment);
  if (!loaded.ok) {
    environment.printError(`${loaded.error}\n`);
    return EXIT.needsOperator;
  }
  const { config } = loaded.value;
  const scanner = new Scanner({
    patterns: config.allowedSockets,
    owners: trustedOwners(config, environment.userId),
    connect: connectHost,
    clock: systemClock,
  });
  const findings = await scanner.scan();
  environment.print(options.json ? toJson(findings) : toText(findings, config.allowedSockets));
  return EXIT.ok;
}

function toJson(findings: readonly Finding[]): string {
  const instances = findings.flatMap((finding) =>
    finding.type === "aimdb"
      ? [
          {
            socket_path: finding.socketPath,
            server_version: finding.welcome.server,
            protocol_version: finding.welcome.protocolVersion,
            permissions: finding.welcome.permissions,
            max_subscriptions: finding.welcome.maxSubscriptions,
            authenticated: finding.welcome.authenticated,
          },
        ]
      : [],
  );
  const skipped = findings.flatMap((finding) =>
    finding.type === "skipped" ? [{ socket_path: finding.socketPath, reason: finding.reason }] : [],
  );
  return `${JSON.stringify({ instances, skipped })}\n`;
}

function toText(findings: readonly Finding[], patterns: readonly string[]): string {
  if (findings.length === 0) {
    return `No sockets match ${patterns.join(", ")}.\nStart AimDB with remote access, or set allowed_sockets.\n`;
  }
  return findings.map((finding) => `${printableLine(describe(finding))}\n`).join("");
}

function describe(finding: Finding): string {
  if (finding.type === "skipped") return `skipped  ${finding.socketPath}  ${finding.reason}`;
  const { protocolVersion, permissions } = finding.welcome;
  return `AimDB    ${finding.socketPath}  AimX ${protocolVersion}, ${permissions.join("+")}`;
}
