/** `stdio-server.ts SOCKET`: what a gateway puts behind HTTP. */
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { AimxHost } from "./aimx-host.ts";
import { createToolServer } from "./mcp-tools.ts";

const [, , socketPath = ""] = process.argv;
await createToolServer(new AimxHost(socketPath)).connect(new StdioServerTransport());
