/** What the Worker may ask a team's object about people of the external issuer. */

export interface SubjectUse {
  /** SHA-256 of issuer and subject. */
  readonly id: string;
  readonly subject: string;
  readonly nowMs: number;
}

export interface SubjectRow {
  readonly id: string;
  readonly subject: string;
  readonly firstUsedAtMs: number;
  readonly isBlocked: boolean;
}

export interface TeamExternalRpc {
  /** False: they are blocked, or there is no such team. */
  admitSubject(use: SubjectUse): boolean;
  externalSubjects(): SubjectRow[];
  /** From the next call on; false: nobody of that id was ever here. */
  blockSubject(id: string, blockedAtMs: number | null): boolean;
}
