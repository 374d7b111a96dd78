/**
 * What a build adds to the MCP server. The product's adds nothing; the one that the conformance suite
 * runs against adds the tools, resources and prompts that the suite asks for.
 */
import type { ServerEventBus } from "@modelcontextprotocol/server";
import type { NewServer } from "#shared/mcp/serving/server.ts";

export interface McpExtension {
  readonly newServer: NewServer;
  /** Whether a 2025 request is answered by a stream, for what comes before its result. */
  readonly isStreamed: (body: unknown) => boolean;
  /** A `subscriptions/listen` stream opens: what is published on its bus is sent on it. */
  readonly onListen: (bus: ServerEventBus) => void;
}
