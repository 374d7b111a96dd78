/**
 * Asks the worker whether it accepts the relay's key, without taking the link from a running relay: a dial with a token
 * of 1970 is answered with `clock` only if key and installation are right.
 */
import type { Clock } from "../clock.ts";
import type { Identity } from "../identity/identity.ts";
import type { RelayKey } from "../identity/key.ts";
import { createDialToken } from "../identity/tokens.ts";
import { dialWith } from "../link/dial.ts";
import type { DialFailure } from "../link/next-step.ts";
import type { NetOptions } from "../net/agent.ts";

/** The same as a relay's wait for a dial. */
const TIMEOUT_MS = 15_000;

/** No worker's clock is so wrong that it takes this time for now. */
const LONG_AGO_MS = 0;

export async function tryKey(
  { identity, key }: { readonly identity: Identity; readonly key: RelayKey },
  net: NetOptions,
  clock: Clock,
): Promise<DialFailure> {
  const token = await createDialToken(identity, key, { nowMs: LONG_AGO_MS, cont: undefined });
  return new Promise((resolve) => {
    const cancel = clock.after(TIMEOUT_MS, () => {
      socket.abandon();
      resolve({ type: "unreachable", reason: "the worker did not answer the dial within 15 s" });
    });
    const settle = (failure: DialFailure) => {
      cancel();
      resolve(failure);
    };
    const socket = dialWith(net)(new URL(identity.link_url), token, {
      onOpen: () => {
        socket.abandon();
        settle({ type: "unreachable", reason: "it accepted a token of 1970: it is no worker" });
      },
      onFailed: settle,
      onText: () => {},
      onClose: () => {},
    });
  });
}
