/** What the Worker may ask a team's object about people of the external issuer. */
import type { Effect } from "../access/rights.ts";
import type { AuditReads } from "../access/team-settings.ts";

export interface SubjectUse {
  /** SHA-256 of issuer and subject. */
  readonly id: string;
  readonly subject: string;
  readonly nowMs: number;
}

export interface AdmittedSubject {
  /** The version of everybody's rights at this moment. */
  readonly rightsVersion: number;
  readonly auditReads: AuditReads;
}

export interface SubjectRow {
  readonly id: string;
  readonly subject: string;
  readonly firstUsedAtMs: number;
  readonly isBlocked: boolean;
}

export interface TeamExternalRpc {
  /** Null: they are blocked, or there is no such team. */
  admitSubject(use: SubjectUse): AdmittedSubject | null;
  externalSubjects(): SubjectRow[];
  /** Null: nobody with that id ever came. */
  blockSubject(id: string, blockedAtMs: number | null): Promise<Effect | null>;
}
