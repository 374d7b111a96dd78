/** Signs what travels through the client between a question and its answer: for this process only. */
import { randomBytes } from "node:crypto";
import { createRequestStateCodec } from "@modelcontextprotocol/server";
import type { ConfirmationState, RequestState } from "#shared/mcp/serving/client-side.ts";

/** As long as a write is held. */
const TTL_S = 600;

export function requestStateOfProcess(): RequestState {
  const codec = createRequestStateCodec<ConfirmationState>({
    key: randomBytes(32),
    ttlSeconds: TTL_S,
  });
  return { mint: (state) => codec.mint(state), verify: (state, ctx) => codec.verify(state, ctx) };
}
