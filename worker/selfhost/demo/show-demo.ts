/** Prints the demo for a script, and for a person. */
import { print, tell } from "../output.ts";
import type { Demo } from "./run-demo.ts";

export function toJsonLine(demo: Demo): string {
  return JSON.stringify({
    mcpUrl: demo.mcpUrl.href,
    tokenMcpUrl: demo.tokenMcpUrl.href,
    accessToken: demo.accessToken,
    adminToken: demo.adminToken,
    dashboardUrl: demo.dashboardUrl.href,
    ownerUrl: demo.ownerUrl,
    instances: demo.instances.map(({ instance, socket_path, protocol_version }) => ({
      instance,
      socket: socket_path,
      protocol: protocol_version,
    })),
    pids: {
      worker: demo.worker.pid,
      relay: demo.relay.pid,
      hosts: demo.hosts.map(({ pid }) => pid),
    },
  });
}

/** A clear warning, because a device's file should not say this: writes are open to anybody with the token. */
export function tellAboutWrites({ confirmWrites }: Demo): void {
  const how = confirmWrites ? "each with a person's confirmation" : "without confirmation";
  tell(`This demo opens every record for writing, ${how}.`);
}

const OWNER_LINK_ENDS = "               (good once, for a day; a link of an earlier start is void)";

export function showDemo(demo: Demo): void {
  const { mcpUrl, accessToken, ownerUrl } = demo;
  const headers = { Authorization: `Bearer ${accessToken}` };
  const lines = [
    "",
    `Connector URL  ${mcpUrl.href}`,
    `Access token   ${accessToken}`,
    ...(ownerUrl === undefined ? [] : [`Your account   ${ownerUrl}`, OWNER_LINK_ENDS]),
    "",
    "Instances:",
    ...demo.instances.map(
      ({ instance, protocol_version }) => `  ${instance}  (AimX ${protocol_version})`,
    ),
    "",
    "Claude Code:",
    `  claude mcp add --transport http aimdb ${mcpUrl.href} --header "Authorization: Bearer ${accessToken}"`,
    "",
    "VS Code (.vscode/mcp.json):",
    `  ${JSON.stringify({ servers: { aimdb: { type: "http", url: mcpUrl.href, headers } } })}`,
    "",
    "Cursor (~/.cursor/mcp.json):",
    `  ${JSON.stringify({ mcpServers: { aimdb: { url: demo.tokenMcpUrl.href, headers } } })}`,
    "",
    'Then ask: "What is the temperature, and how old is that value?"',
    "Ctrl-C ends the demo and removes what it made.",
  ];
  for (const line of lines) print(line);
}
