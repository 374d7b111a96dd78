/** Tells those that decide on a team's rights about a change, all within a bounded time. */
import { NOW, type Effect } from "../../access/rights.ts";
import type { LeaseHolder } from "./team-rights.ts";

const AT_ONCE = 16;
const PUSH_MS = 2_000;
const ALL_MS = 3_000;

export interface Telling {
  /** Rejects if the holder could not be told. */
  readonly push: (holder: LeaseHolder) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
}

/** A holder that was not told stops by itself when its lease ends. */
export async function announce(
  holders: readonly LeaseHolder[],
  { push, wait }: Telling,
): Promise<Effect> {
  const untold = new Map(holders.map((holder) => [holder.relayId, holder.endsAtMs]));
  const tell = async (holder: LeaseHolder) => {
    try {
      await push(holder);
      untold.delete(holder.relayId);
    } catch {
      // It stays among the untold.
    }
  };
  await Promise.race([tellAll(holders, { tell, wait }), wait(ALL_MS)]);
  if (untold.size === 0) return NOW;
  return { type: "by", atMs: Math.max(...untold.values()) };
}

async function tellAll(
  holders: readonly LeaseHolder[],
  { tell, wait }: { tell: (holder: LeaseHolder) => Promise<void>; wait: Telling["wait"] },
): Promise<void> {
  for (let from = 0; from < holders.length; from += AT_ONCE) {
    const some = holders.slice(from, from + AT_ONCE);
    await Promise.all(some.map((holder) => Promise.race([tell(holder), wait(PUSH_MS)])));
  }
}
