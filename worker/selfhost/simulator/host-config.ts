/** What an operator configures on a host, and what its build has. */

export const AIMX_VERSIONS = ["1.0", "2.0", "3.0"] as const;
export type AimxVersion = (typeof AIMX_VERSIONS)[number];

export type HostConfig = {
  readonly aimx: AimxVersion;
  readonly policy: "read_only" | "read_write";
  /** Only AimX v1 hosts look at it. */
  readonly authToken: string | undefined;
  readonly maxSubscriptions: number;
  /** AimX v1 hosts do not enforce it. */
  readonly maxConnections: number;
  /** Counters and stage times in `record.list`, and the methods that reset them. */
  readonly hasMetrics: boolean;
  readonly hasPersistence: boolean;
  /** Keys in the writable set that no record has. */
  readonly phantomWritableKeys: readonly string[];
};

/** The AimX v2 hosts that were seen were built without metrics. */
export function defaultHostConfig(aimx: AimxVersion): HostConfig {
  return {
    aimx,
    policy: "read_write",
    authToken: undefined,
    maxSubscriptions: 8,
    maxConnections: 16,
    hasMetrics: aimx !== "2.0",
    hasPersistence: true,
    phantomWritableKeys: [],
  };
}

export function permissionsOf({ policy }: HostConfig): readonly string[] {
  return policy === "read_write" ? ["read", "write"] : ["read"];
}
