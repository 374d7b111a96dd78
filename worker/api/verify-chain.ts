/** Verifies a team's log part by part, as far as one request may. */
import type { AuditMark, ChainPart } from "../team/log/audit-chain.ts";

/** The platform's smallest plan lets one request make 50 subrequests. */
const MAX_PARTS = 40;

export interface VerifiedChain {
  readonly intact: boolean;
  readonly checked: number;
  readonly broken_at: number | null;
  readonly newest: AuditMark | null;
  readonly next: string | null;
}

/** Null if there is no such team. Stops at the first line that does not fit. */
export async function verifyChain(
  verify: (after: number) => Promise<ChainPart | null>,
  after: number,
): Promise<VerifiedChain | null> {
  let from = after;
  let checked = 0;
  let newest: AuditMark | null = null;
  for (let parts = 0; parts < MAX_PARTS; parts += 1) {
    const part = await verify(from);
    if (part === null) return null;
    checked += part.checked;
    newest = part.last ?? newest;
    const { brokenAt } = part;
    if (brokenAt !== null || part.isEnd) {
      return { intact: brokenAt === null, checked, broken_at: brokenAt, newest, next: null };
    }
    from = newest?.seq ?? from;
  }
  return { intact: true, checked, broken_at: null, newest, next: String(from) };
}
