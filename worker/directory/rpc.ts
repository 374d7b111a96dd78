/** What the Worker may ask of the directory object. */

export interface TeamRef {
  /** The team object's id. */
  readonly id: string;
  readonly name: string;
}

/** Root secrets, 32 bytes in hex each: the current one signs, both verify. */
export interface RootSecrets {
  readonly current: string;
  readonly previous: string | null;
}

export interface DirectoryRpc {
  installation(): string;
  defaultTeam(): Promise<TeamRef>;
  createTeam(name: string): Promise<TeamRef>;
  rootSecrets(nowMs: number): RootSecrets;
}
