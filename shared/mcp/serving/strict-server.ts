/**
 * The SDK's server with two errors corrected: parameters of the wrong form are the caller's (-32602; the SDK calls them
 * internal), and an unforeseen exception of a handler is reported in our words, not in its own.
 */
import {
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type HandlerResultTypeMap,
  type Implementation,
  type JSONRPCRequest,
  type RequestMethod,
  type RequestTypeMap,
  type Result,
  type ServerContext,
  type ServerOptions,
} from "@modelcontextprotocol/server";
import type { CallerSignal } from "../../fleet/caller-signal.ts";

export interface StrictOptions extends ServerOptions {
  /** Logs an unforeseen failure, and says what the caller may know of it. */
  readonly explain: (error: unknown) => string;
}

type StoredHandler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

export class StrictServer extends Server {
  readonly #explain: StrictOptions["explain"];

  constructor(info: Implementation, options: StrictOptions) {
    super(info, options);
    this.#explain = options.explain;
  }

  /** `setRequestHandler`, for a handler that may have bugs. */
  handle<M extends RequestMethod>(
    method: M,
    handler: (request: RequestTypeMap[M], gone: CallerSignal) => Promise<HandlerResultTypeMap[M]>,
  ): void {
    this.setRequestHandler(method, async (request, { mcpReq }) => {
      try {
        return await handler(request, mcpReq.signal);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        throw new ProtocolError(ProtocolErrorCode.InternalError, this.#explain(error));
      }
    });
  }

  /** Around what the SDK stores, which first reads the request: nothing else throws a plain error. */
  protected override _wrapHandler(method: string, handler: StoredHandler): StoredHandler {
    return super._wrapHandler(method, async (request, context) => {
      try {
        return await handler(request, context);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `The parameters of ${method} do not have the form that MCP gives them.`,
        );
      }
    });
  }
}
