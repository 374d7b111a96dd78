/** Where AimX v2 and v3, which share their framing, differ. */

import type { AimxVersion } from "../host-config.ts";

export type TaggedVersion = Exclude<AimxVersion, "1.0">;

export type TaggedDialect = {
  readonly version: TaggedVersion;
  /** A hello with another major version, or without one, is refused. */
  readonly checksVersion: boolean;
  readonly hasWildcards: boolean;
  /** Whether `seq` also counts what a ring has overwritten. */
  readonly countsLag: boolean;
  /** `{records, total}` sorted by time, in place of `{values, count}`. */
  readonly queriesRecords: boolean;
};

export const TAGGED_DIALECTS = {
  "2.0": {
    version: "2.0",
    checksVersion: false,
    hasWildcards: false,
    countsLag: false,
    queriesRecords: false,
  },
  "3.0": {
    version: "3.0",
    checksVersion: true,
    hasWildcards: true,
    countsLag: true,
    queriesRecords: true,
  },
} as const satisfies Record<TaggedVersion, TaggedDialect>;

export function isSameMajor(theirs: string, ours: TaggedVersion): boolean {
  return theirs.split(".")[0] === ours.split(".")[0];
}
