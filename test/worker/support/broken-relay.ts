/** The relays' objects where some have no answer to how they are. */
import type { Env } from "../../../worker/env.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { bindings } from "./worker.ts";

/** As they are, but one, which throws. */
export function relaysBut(brokenId: string): Env["RELAY"] {
  const broken = { describe: () => Promise.reject(new Error("reset")) };
  return relaysFrom((id) => (id === brokenId ? broken : relayOf(bindings, id)));
}

/** Of no team, as those are that nobody has enrolled. */
export function strangeRelays(): Env["RELAY"] {
  return relaysFrom(() => ({ describe: () => Promise.resolve(null) }));
}

function relaysFrom(get: (id: string) => object): Env["RELAY"] {
  return { idFromString: (id: string) => id, get } as unknown as Env["RELAY"];
}
