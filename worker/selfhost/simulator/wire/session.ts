/** One connection's conversation, without the socket. */

import type { Database } from "../database/database.ts";
import type { HostConfig } from "../host-config.ts";

/** What every session of a host shares. */
export type Host = { readonly config: HostConfig; readonly database: Database };

export type Output =
  /** Answers a request; `method` is empty where the line was none. */
  | { readonly type: "reply"; readonly text: string; readonly method: string }
  /** An event or a snapshot. */
  | { readonly type: "push"; readonly text: string }
  /** Sends what is written, then ends. */
  | { readonly type: "close" };

/**
 * Input is given in at any time; output is taken one line at a time, when the peer can take it.
 * A session that is not asked for output does not work on its input either, like a host that is
 * blocked in a write.
 */
export interface Session {
  receive(bytes: Uint8Array): void;
  /** The peer will send nothing more. */
  receiveEnd(): void;
  /** Something was produced. */
  wake(nowNs: bigint): void;
  next(nowNs: bigint): Output | undefined;
  /** What a host loses of a line that arrives while it sends an event. */
  dropHalfLine(): void;
  /** Gives back what the session holds of the records. */
  close(): void;
}
