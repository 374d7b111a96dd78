/** What a desk gives: samples as they crossed the link, and where their clock starts. */
import type { JsonValue } from "../json/json.ts";
import type { Gap } from "../link/methods/samples-read.ts";
import type { LinkSample, Loss } from "../link/sample.ts";

export interface DeskBatch {
  readonly instance: string;
  readonly recordKey: string;
  readonly loss: Loss;
  readonly samples: readonly LinkSample[];
  readonly gaps: readonly Gap[];
  /** The `after` of a read that continues this one. */
  readonly next: string;
  /** Nothing more will come under this id. */
  readonly complete: boolean;
  readonly sessionStartedAtMs: number;
}

export type DrainedBatch =
  | {
      readonly from: "samples";
      readonly recordKey: string;
      readonly loss: Loss;
      readonly samples: readonly LinkSample[];
      readonly gaps: readonly Gap[];
      /** The `after` of a drain that continues this one. */
      readonly next: string;
      readonly more: boolean;
      /** The principal never drained the record before. */
      readonly isFirst: boolean;
      readonly sessionStartedAtMs: number;
    }
  | {
      readonly from: "host";
      readonly recordKey: string;
      readonly values: readonly JsonValue[];
      readonly more: boolean;
      /** The cursor, which all callers share, begins with this drain. */
      readonly isFirst: boolean;
    };
