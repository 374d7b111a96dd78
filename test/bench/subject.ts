/** What is measured: a way from an HTTP client to an AimX socket, ours or another. */

export const OPERATIONS = ["get_record", "list_records", "set_record"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One call on one lane. Rejects where the answer is not what was asked for. */
export type Call = (lane: number) => Promise<void>;

export interface Subject {
  readonly name: string;
  /** Which revision of MCP the client speaks; none for a way without MCP. */
  readonly era: "2026-07-28" | "2025-06-18" | "none";
  readonly operations: readonly Operation[];
  /** Rejects with what is missing where it can't run on this machine. */
  start(): Promise<RunningSubject>;
}

export interface RunningSubject {
  /** By role: `worker`, `relay`, `gateway`. */
  readonly pids: Readonly<Record<string, number>>;
  call(operation: Operation): Call;
  stop(): Promise<void>;
}
