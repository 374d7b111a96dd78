/** The relays' objects as they are, but one: it throws whenever it is asked how it is. */
import type { Env } from "../../../worker/env.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { bindings } from "./worker.ts";

export function relaysBut(brokenId: string): Env["RELAY"] {
  return {
    idFromString: (id: string) => id,
    get: (id: string) =>
      id === brokenId
        ? { describe: () => Promise.reject(new Error("reset")) }
        : relayOf(bindings, id),
  } as unknown as Env["RELAY"];
}
