/** What one record of a host is. */

import type { Shape } from "../json/shape.ts";
import type { Input, Value } from "../json/value.ts";

export type BufferDefinition =
  | { readonly kind: "spmc_ring"; readonly capacity: number }
  | { readonly kind: "single_latest" }
  | { readonly kind: "mailbox" };

export type Origin =
  | { readonly kind: "passive" }
  /** Without `sample` it produces only on demand. */
  | {
      readonly kind: "source";
      readonly everyPeriods?: number;
      readonly sample?: (n: number, nowMs: number) => Input;
    }
  | {
      readonly kind: "transform";
      readonly input: string;
      readonly map: (value: Value) => Input | undefined;
    }
  | { readonly kind: "transform_join"; readonly inputs: readonly string[] }
  | { readonly kind: "link"; readonly protocol: string; readonly address: string };

export const PASSIVE: Origin = { kind: "passive" };

export type RecordDefinition = {
  readonly key: string;
  /** Not unique: several records may hold the same type. */
  readonly typeName: string;
  readonly shape: Shape;
  readonly buffer: BufferDefinition;
  /** Passive by default. */
  readonly origin?: Origin;
  /** How many readers the application itself has on it; persistence is one of them. */
  readonly taps?: number;
  readonly persisted?: boolean;
  /** In the policy's writable set, whether or not something produces it. */
  readonly writable?: boolean;
  /** Without it a record is listed but cannot be read or written remotely. */
  readonly remoteAccess?: boolean;
  /** Written once at the start. */
  readonly initial?: Input;
};
