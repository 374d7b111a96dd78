/** What the Worker may ask of the directory object. */

export interface TeamRef {
  /** The team object's id. */
  readonly id: string;
  readonly name: string;
}

export interface DirectoryRpc {
  installation(): string;
  defaultTeam(): Promise<TeamRef>;
  createTeam(name: string): Promise<TeamRef>;
}
