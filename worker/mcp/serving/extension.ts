/**
 * What a build adds to the MCP server. The product adds nothing; the build that the conformance suite tests adds
 * the tools, resources and prompts that the suite asks for.
 */
import type { ServerEventBus } from "@modelcontextprotocol/server";
import type { NewServer } from "#shared/mcp/serving/server.ts";

export interface McpExtension {
  readonly newServer: NewServer;
  /** Whether a 2025 request is answered by a stream, because messages precede its result. */
  readonly isStreamed: (body: unknown) => boolean;
  /** Called when a `subscriptions/listen` stream opens: what is published on its bus is sent on it. */
  readonly onListen: (bus: ServerEventBus) => void;
}
