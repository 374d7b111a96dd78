/** Passes a checked MCP request to the SDK: one factory for both eras, a fresh server each time. */
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
  type ServerEventBus,
} from "@modelcontextprotocol/server";
import { parseListen } from "#shared/mcp/resources/listen-request.ts";
import { asksForProgress, createServer, type ServerContext } from "#shared/mcp/serving/server.ts";
import type { McpExtension } from "./extension.ts";
import { serveListen } from "./serve-listen.ts";
import { WORKER_VERSION } from "../../version.ts";

interface Serving extends Pick<ServerContext, "fleet" | "explain" | "onCall" | "requestState"> {
  /** Whether the caller's token is still valid; asked again while a stream is open. */
  readonly stillAllowed: () => Promise<boolean>;
  readonly extension?: McpExtension | undefined;
  /** The clock of open streams. */
  readonly wait?: (ms: number) => Promise<void>;
}

export async function serveMcp(
  request: Request,
  body: unknown,
  serving: Serving,
): Promise<Response> {
  const { fleet, explain, onCall, requestState, extension } = serving;
  const { stillAllowed, wait = (ms) => scheduler.wait(ms) } = serving;
  const context = {
    fleet,
    explain,
    onCall,
    requestState,
    version: WORKER_VERSION,
    resources: RESOURCES,
    newServer: extension?.newServer,
  };
  if (await isLegacyRequest(request, body)) {
    const isStreamed = asksForProgress(body) || extension?.isStreamed(body) === true;
    return serveLegacy(request, body, { ...context, canSubscribe: false, isStreamed });
  }
  const handlerOver = (bus?: ServerEventBus) =>
    createMcpHandler(() => createServer({ ...context, canSubscribe: true }), {
      legacy: "reject",
      ...(bus === undefined ? {} : { bus }),
    });
  const listen = parseListen(body);
  if (listen === undefined) return handlerOver().fetch(request, { parsedBody: body });
  return serveListen(listen, {
    fleet,
    onCall,
    stillAllowed,
    wait,
    open: (bus) => {
      const handler = handlerOver(bus);
      extension?.onListen(bus);
      return {
        serve: (granted) => handler.fetch(request, { parsedBody: granted }),
        end: () => handler.close(),
      };
    },
  });
}

/** No 2025 client without a session can be told of changes. */
const RESOURCES = { uriForm: "instance" } as const;

/** The 2025 revisions, without sessions. JSON costs a third less than the SDK's default stream. */
async function serveLegacy(
  request: Request,
  body: unknown,
  { isStreamed, ...context }: ServerContext & { readonly isStreamed: boolean },
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    enableJsonResponse: !isStreamed,
  });
  const server = createServer(context);
  await server.connect(transport);
  return transport.handleRequest(request, { parsedBody: body });
}
