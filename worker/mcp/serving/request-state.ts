/**
 * Signed state that travels through a client between a question and its answer. It is the cheap outer check: bound
 * to who asked and for what, and valid for as long as a confirmation waits at most. It names a row that knows the
 * rest.
 */
import { createRequestStateCodec } from "@modelcontextprotocol/server";
import type { ConfirmationState, RequestState } from "#shared/mcp/serving/client-side.ts";
import { derivedKeys } from "../../auth/derived-keys.ts";
import type { Principal } from "../../auth/principal.ts";
import type { Env } from "../../env.ts";

/** As long as a person has to find the page. */
const TTL_S = 600;

/** The keys are read when a state is made or comes back, which few calls cause. */
export function requestStateOf(env: Env, { team, id }: Principal): RequestState {
  const bind = () => `${team}\0${id}\0tools/call\0set_record`;
  const codec = (key: Uint8Array) =>
    createRequestStateCodec<ConfirmationState>({ key, ttlSeconds: TTL_S, bind });
  return {
    mint: async (state, ctx) => {
      const { current } = await derivedKeys(env, "request-state/1");
      return codec(current).mint(state, ctx);
    },
    verify: async (state, ctx) => {
      const { current, previous } = await derivedKeys(env, "request-state/1");
      try {
        return await codec(current).verify(state, ctx);
      } catch (error) {
        if (previous === undefined) throw error;
        return codec(previous).verify(state, ctx);
      }
    },
  };
}
