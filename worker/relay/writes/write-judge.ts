/** Whether a write may be made: the caller's scope, the team's rules, and what the device says when asked. */
import { failure, type Failure } from "#shared/failure.ts";
import type { FieldLimits } from "#shared/access/write-rule.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import type { Inventory } from "#shared/link/inventory.ts";
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { allows, type Scope } from "#shared/access/scope.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { ruleFor, ruleForAll, type TeamRule } from "../../access/write-policy.ts";
import { randomHex } from "../../auth/secret.ts";
import type { WriteRights } from "../../team/rpc.ts";
import type { Offline } from "../calls/offline.ts";
import { untilBack } from "../calls/until-back.ts";
import type { RelayLink } from "../link/link.ts";
import { isInSession, type Greeted, type Session } from "../link/session.ts";
import type { Asked } from "./write-audit.ts";
import type { ReportPlace } from "./write-report.ts";
import { meaningOf, toSetRequest, type ReplyMeaning } from "./write-frame.ts";

export interface JudgeParts {
  readonly link: RelayLink;
  readonly place: ReportPlace;
  readonly inventory: () => Inventory | undefined;
  readonly offline: Offline;
  readonly nowMs: () => number;
}

export interface AskedBy extends Asked {
  readonly principal: string;
  /** When it was asked, or approved: its time runs from then. */
  readonly askedAtMs: number;
}

export type Looked = Extract<ReplyMeaning, { type: "checked" }>;
export type Live = Extract<Session, { name: "live" }>;

export class WriteJudge {
  readonly #parts: JudgeParts;

  constructor(parts: JudgeParts) {
    this.#parts = parts;
  }

  get deviceConfirms(): Inventory["confirm_writes"] {
    return this.#parts.inventory()?.confirm_writes ?? "always";
  }

  /** Undefined if the relay has no link; one that is leaving still answers. */
  get session(): Greeted | undefined {
    const { link, nowMs } = this.#parts;
    const session = link.session(nowMs());
    return isInSession(session) ? session : undefined;
  }

  /**
   * True if there was no link and now there is one: a relay whose link broke a moment ago is waited for. What was
   * decided before is to be decided again.
   */
  async comesBack(withinMs: number): Promise<boolean> {
    const { link, nowMs } = this.#parts;
    if (link.session(nowMs()).name === "live") return false;
    return untilBack(this.#parts, withinMs);
  }

  /** The session, if it can carry one more call. */
  ready(): Result<Live, Failure> {
    const { link, nowMs, offline } = this.#parts;
    const session = link.session(nowMs());
    if (session.name !== "live") return err(offline.failureOf(session));
    return link.pendingCount < MAX_IN_FLIGHT ? ok(session) : err(BUSY);
  }

  /** Nothing may be awaited between this and what it allows. */
  permit(
    { policy, scopes }: Pick<WriteRights, "policy"> & { readonly scopes: readonly Scope[] },
    { instance, record }: Pick<Asked, "instance" | "record">,
  ): Result<TeamRule, Failure> {
    if (!allows(scopes, "aimdb:write")) return err(NO_SCOPE);
    const rule = ruleFor(policy, {
      instance: `${this.#parts.place.relayName}/${instance}`,
      record,
    });
    return rule === undefined ? err(NOT_OPEN) : ok(rule);
  }

  /** As `permit`, for an operation that touches every record and can't carry an approval. */
  permitAll(
    { policy, scopes }: Pick<WriteRights, "policy" | "scopes">,
    { instance }: Pick<Asked, "instance">,
  ): Result<TeamRule, Failure> {
    if (!allows(scopes, "aimdb:write")) return err(NO_SCOPE);
    const rule = ruleForAll(policy, `${this.#parts.place.relayName}/${instance}`);
    if (rule === undefined) return err(NOT_ALL_OPEN);
    return rule.confirm === "never" ? ok(rule) : err(CONFIRMED_ONLY);
  }

  /** The key for a key or a type name, by the inventory; undefined if the inventory does not tell. */
  keyOf({ instance, record }: Pick<Asked, "instance" | "record">): string | undefined {
    const announced = this.#parts.inventory()?.instances.find(({ name }) => name === instance);
    const records = announced?.records ?? [];
    if (records.some(({ key }) => key === record)) return record;
    const [byType, ...more] = records.filter(({ type_name }) => type_name === record);
    return more.length === 0 ? byType?.key : undefined;
  }

  /** As `keyOf`; the device is asked if the inventory does not tell. */
  async resolve(asked: AskedBy): Promise<Result<string, EndedOutcome>> {
    const known = this.keyOf(asked);
    if (known !== undefined) return ok(known);
    const looked = await this.look(asked, []);
    return looked.ok ? ok(looked.value.record) : looked;
  }

  /** Every check that the device would make; the host is sent only a read. */
  async look(
    asked: AskedBy,
    limits: readonly FieldLimits[],
  ): Promise<Result<Looked, EndedOutcome>> {
    const { link, nowMs } = this.#parts;
    const ready = this.ready();
    if (!ready.ok) return err(notWritten(ready.error));
    const frame = { ...asked, id: randomHex(16), isDryRun: true, approval: undefined, limits };
    const end = await link.ask(toSetRequest(frame, nowMs(), ready.value.startedAtMs));
    if (end.type !== "reply") return err(notWritten(NO_ANSWER));
    const meaning = meaningOf(end.reply);
    if (meaning.type === "checked") return ok(meaning);
    return err(
      meaning.type === "ended"
        ? meaning.outcome
        : unknownWrite("internal", "The relay did not check."),
    );
  }
}

const BUSY = failure("busy", "The relay has too many calls under way.", { retry_after_s: 1 });
const NO_ANSWER = failure(
  "link_lost",
  "The relay did not answer whether the write may happen. Nothing was written.",
);
const NO_SCOPE = failure("insufficient_scope", "This token lacks the scope aimdb:write.", {
  required_scope: "aimdb:write",
});
const NOT_OPEN = failure("refused_by_team", "The team's write policy does not open this record.");
const NOT_ALL_OPEN = failure(
  "refused_by_team",
  'A reset touches every record. The team\'s write policy allows it where a rule opens "*" for the instance.',
);
const CONFIRMED_ONLY = failure(
  "refused_by_team",
  'A rule of the team\'s write policy for this instance says confirm: "human" or "client", and a reset can\'t carry a confirmation: it is allowed where none does.',
);
