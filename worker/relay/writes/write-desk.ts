/**
 * The writes of a relay: asked, decided, approved, sent once, and their outcomes found out. Nothing here sends a
 * write a second time. The order is: decide, the team's log, decide again, the row, the frame; a row that says
 * `sent` is durable before the frame leaves.
 */
import { failure, type Failure } from "#shared/failure.ts";
import type { WriteReport } from "#shared/fleet/fleet.ts";
import type { Approval, EndedOutcome } from "#shared/link/methods/record-set.ts";
import type { RememberedWrite } from "#shared/link/outcomes.ts";
import { MAX_DEADLINE_MS } from "#shared/link/limits.ts";
import type { Reply } from "#shared/link/request.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { UNKNOWN_CALL } from "#shared/fleet/unknown.ts";
import { approverOf, satisfies } from "../../access/write-policy.ts";
import type { WriteRights } from "../../team/rpc.ts";
import type { AuditOutbox } from "./audit-outbox.ts";
import type { WriteCall } from "../rpc.ts";
import { checkWrite, type TimedCall } from "./check-write.ts";
import { FORGOTTEN, NEVER_BEGUN, NEVER_DECIDED, NEVER_SENT, NEVER_TOLD } from "./unseen-ends.ts";
import { askerOf, askOf, rowAsker } from "./write-asks.ts";
import { digestOfAsk, intentOf, outcomeOf, type End } from "./write-audit.ts";
import type { WriteAuthority } from "./write-authority.ts";
import { WriteCompany } from "./write-company.ts";
import { meaningOf, timeLeftMs, toSetRequest, type WriteFrame } from "./write-frame.ts";
import { type AskedBy, WriteJudge, type JudgeParts } from "./write-judge.ts";
import type { RateTaken, WriteRates } from "./write-rates.ts";
import { reportOf } from "./write-report.ts";
import { isWithDevice, toEnded, type WriteRow, type WriteRows } from "./write-rows.ts";

/** Time for a person to find the page; for one who is at the client already. */
const WAIT_MS = { human: 10 * 60_000, client: 2 * 60_000 };

export interface WriteDeskParts extends JudgeParts {
  readonly rows: WriteRows;
  readonly outbox: AuditOutbox;
  readonly authority: WriteAuthority;
  readonly rates: WriteRates;
  /** Called with the time until which a write is kept at least, whatever becomes of it. */
  readonly onKept: (untilMs: number) => void;
  /** Called when an entry is in the outbox. */
  readonly onOutcome: () => void;
  /** Called when a write waits for an approval, which has a deadline. */
  readonly onWait: () => void;
}

type Report = Result<WriteReport, Failure>;

export class WriteDesk {
  readonly #parts: WriteDeskParts;
  readonly #judge: WriteJudge;
  readonly #company = new WriteCompany();
  /** The newest known. A write decided by them asks the team once, and does not begin if they have changed. */
  #rules: Pick<WriteRights, "policy" | "version"> | undefined;

  constructor(parts: WriteDeskParts) {
    this.#parts = parts;
    this.#judge = new WriteJudge(parts);
    // Writes of an object that was reset meanwhile: nobody continues them.
    for (const { id } of parts.rows.unsent()) this.#end(id, NEVER_SENT);
  }

  async write(asked: WriteCall): Promise<Report> {
    const record = this.#judge.keyOf(asked) ?? asked.record;
    const call = { ...asked, record, askedAtMs: this.#parts.nowMs() };
    if (call.isDryRun) return checkWrite(this.#parts, this.#judge, call);
    return this.#company.during(() => this.#writeOnce(call));
  }

  async #writeOnce(call: TimedCall): Promise<Report> {
    const digest = await digestOfAsk(call);
    await this.#company.gather();
    const existing = this.#existing(call, digest);
    if (existing !== undefined) return existing;
    this.#insert(call, digest);
    await this.#decide(call);
    return this.report(call.id);
  }

  report(id: string): Report {
    const row = this.find(id);
    return row === undefined ? err(UNKNOWN_CALL) : ok(this.#reportOf(row));
  }

  find(id: string): WriteRow | undefined {
    this.expire();
    return this.#parts.rows.find(id);
  }

  /** For a relay that is gone for good: nobody can decide on a write any more, or ask how one ended. */
  endAll(): void {
    this.expire();
    for (const row of this.#parts.rows.open()) {
      this.#end(row.id, isWithDevice(row) ? NEVER_TOLD : NEVER_DECIDED);
    }
  }

  /** Asks the device, if only it knows the outcome. */
  async settle(id: string): Promise<void> {
    const row = this.find(id);
    if (row !== undefined && isWithDevice(row)) await this.#parts.link.askOutcomes([id]);
  }

  /** Approved: the write is decided on again and executed. Once. */
  async approve(id: string, approval: Approval, by: string | null): Promise<void> {
    const { rows, nowMs } = this.#parts;
    if (!rows.approve(id, by, nowMs())) return;
    this.#release(id);
    await this.#execute(id, approval);
  }

  decline(id: string, by: string): void {
    const { rows, nowMs } = this.#parts;
    if (!rows.decline(id, by, nowMs())) return;
    this.#release(id);
    this.#log(rows.find(id), { outcome: "declined" });
  }

  /** True if the record still holds what the person was shown. If the device refuses, the write ends. */
  async look(row: WriteRow): Promise<boolean> {
    const looked = await this.#lookOnceBack(row);
    if (looked === undefined) return false;
    if (!looked.ok) {
      this.#end(row.id, looked.error);
      return false;
    }
    const { current } = looked.value;
    if (JSON.stringify(current) === JSON.stringify(row.ask?.current)) return true;
    this.#parts.rows.setCurrent(row, current);
    return false;
  }

  /** Once more if the link broke meanwhile: to look changes nothing. */
  async #lookOnceBack(row: WriteRow): Promise<ReturnType<WriteJudge["look"]> | undefined> {
    const { nowMs } = this.#parts;
    const ask = askOf(row);
    if (ask === undefined) return undefined;
    const asked = { ...ask, askedAtMs: nowMs() };
    await this.#judge.comesBack(MAX_DEADLINE_MS);
    const looked = await this.#judge.look(asked, []);
    if (looked.ok || !(await this.#judge.comesBack(timeLeftMs(asked, nowMs())))) return looked;
    return this.#judge.look(asked, []);
  }

  /** A reply that nobody waits for may still be the end of a write. False if it is not. */
  onLateReply(reply: Reply): boolean {
    const row = this.#parts.rows.find(reply.id);
    if (row?.state !== "sent" || row.instance !== reply.instance) return false;
    if (row.session !== this.#judge.session?.id) return false;
    this.#onReply(row.id, reply);
    return true;
  }

  onRemembered(writes: readonly RememberedWrite[]): void {
    for (const { id, state, outcome } of writes) {
      const row = this.#parts.rows.find(id);
      if (row === undefined || !isWithDevice(row)) continue;
      const ended = toEnded(outcome);
      if (state === "ended")
        this.#end(id, ended ?? unknownWrite("internal", "The relay's journal can't be read."));
      if (state === "never_seen") this.#end(id, this.#neverSeen(row));
    }
  }

  /** If the journal has been replaced or lost since, "never seen" proves nothing. */
  #neverSeen({ journal_id }: WriteRow): EndedOutcome {
    const isSame = journal_id !== null && journal_id === this.#judge.session?.journalId;
    return isSame ? NEVER_BEGUN : FORGOTTEN;
  }

  #existing(call: WriteCall, digest: string): Report | undefined {
    const { rows, nowMs } = this.#parts;
    this.expire();
    const { idempotencyKey: key, instance, record } = call;
    const principal = call.principal.id;
    const byKey =
      key === undefined ? undefined : rows.findByKey({ principal, instance, record, key }, nowMs());
    if (byKey !== undefined && byKey.digest !== digest) return err(OTHER_ARGUMENTS);
    const row = rows.find(call.id) ?? byKey ?? rows.findWaiting(principal, digest);
    return row === undefined ? undefined : ok(this.#reportOf(row));
  }

  #insert(call: WriteCall, digest: string): void {
    const { id, principal, instance, record, value, expected, skipsValidation } = call;
    const ask = {
      value,
      ...(expected === undefined ? {} : { expected }),
      skips_validation: skipsValidation,
      credential: principal.credential ?? null,
      scopes: [...principal.scopes],
    };
    const who = { principal: principal.id, person: principal.person ?? null };
    const { rows, nowMs, onKept } = this.#parts;
    const write = { id, ...who, instance, record, digest, ask, key: call.idempotencyKey };
    onKept(rows.insert(write, nowMs()));
  }

  async #decide(call: TimedCall): Promise<void> {
    const { id, principal } = call;
    await this.#judge.comesBack(MAX_DEADLINE_MS);
    const opened = this.#opensAtOnce(call);
    if (opened !== undefined) {
      const others = await this.#execute(id, undefined, opened.version);
      if (others === undefined) return undefined;
      opened.giveBack();
      return this.#decideBy(others, call);
    }
    const rights = await this.#parts.authority.rights(askerOf(principal), id);
    if (!rights.ok) return this.#end(id, notWritten(rights.error));
    return this.#decideBy(rights.value, call);
  }

  /** Defined if the known rules allow the write now without an approval; it begins under their version only. */
  #opensAtOnce(call: WriteCall): (RateTaken & Pick<WriteRights, "version">) | undefined {
    const { principal } = call;
    if (this.#rules === undefined || this.#judge.keyOf(call) === undefined) return undefined;
    const { policy, version } = this.#rules;
    const rule = this.#judge.permit({ policy, scopes: principal.scopes }, call);
    if (!rule.ok) return undefined;
    const approver = approverOf(rule.value.confirm, this.#judge.deviceConfirms, call.asks);
    if (approver === "human" || approver === "client") return undefined;
    const rated = { ...call, principal: principal.id, maxPerMinute: rule.value.maxPerMinute };
    const taken = this.#parts.rates.take(rated, policy);
    return taken.ok ? { ...taken.value, version } : undefined;
  }

  async #decideBy(rights: WriteRights, call: TimedCall): Promise<void> {
    const { id, principal } = call;
    const { rows } = this.#parts;
    this.#rules = rights;
    const asked = { ...call, principal: principal.id };
    const key = await this.#judge.resolve(asked);
    if (!key.ok) return this.#end(id, key.error);
    if (key.value !== call.record) rows.setRecord(id, key.value);
    const named = { ...asked, record: key.value };
    const rule = this.#judge.permit(rights, named);
    if (!rule.ok) return this.#end(id, notWritten(rule.error));
    const rated = { ...named, maxPerMinute: rule.value.maxPerMinute };
    const taken = this.#parts.rates.take(rated, rights.policy);
    if (!taken.ok) return this.#end(id, notWritten(taken.error));
    const approver = approverOf(rule.value.confirm, this.#judge.deviceConfirms, call.asks);
    if (approver === "human" || approver === "client") {
      const looked = await this.#judge.look(named, rule.value.limits);
      if (!looked.ok) return this.#end(id, looked.error);
      const row = rows.find(id);
      if (row !== undefined) rows.setCurrent(row, looked.value.current);
      return this.#await(id, principal.id, approver);
    }
    await this.#execute(id, undefined);
  }

  async #await(id: string, principal: string, approver: "human" | "client"): Promise<void> {
    const { authority, rows, place, nowMs, onWait } = this.#parts;
    const expiresAtMs = nowMs() + WAIT_MS[approver];
    const { relayId } = place;
    const reserved = await authority.reservePending({
      callId: id,
      relayId,
      principal,
      expiresAtMs,
      nowMs: nowMs(),
    });
    if (!reserved.ok) return this.#end(id, notWritten(reserved.error));
    if (!reserved.value) return this.#end(id, notWritten(TOO_MANY));
    rows.await(id, approver, expiresAtMs, nowMs());
    onWait();
  }

  /** If the rules are no longer those of version `under`, nothing is begun and the new ones are returned. */
  async #execute(
    id: string,
    approval: Approval | undefined,
    under?: string,
  ): Promise<WriteRights | undefined> {
    const { authority, rows, place, nowMs } = this.#parts;
    const row = rows.find(id);
    const asked = row === undefined ? undefined : askOf(row);
    if (row === undefined || asked === undefined) return undefined;
    const intent = intentOf(row, approval, place, nowMs());
    const begun = await authority.begin({ intent, asker: rowAsker(row), under });
    if (!begun.ok) {
      this.#end(id, notWritten(begun.error));
      return undefined;
    }
    if (!begun.value.isStored) return begun.value;
    const rights = await this.#rightsOnceBack(row, begun.value);
    if (!rights.ok) {
      this.#end(id, notWritten(rights.error));
      return undefined;
    }
    this.#rules = rights.value;
    await this.#send({ ...asked, id, approval }, rights.value);
    return undefined;
  }

  /** Asked for anew if the link broke since `known`, and is back. */
  async #rightsOnceBack(row: WriteRow, known: WriteRights): Promise<Result<WriteRights, Failure>> {
    const { authority, nowMs } = this.#parts;
    const leftMs = timeLeftMs({ askedAtMs: row.changed_at }, nowMs());
    const isBack = await this.#judge.comesBack(leftMs);
    return isBack ? authority.rights(rowAsker(row), row.id) : ok(known);
  }

  async #send(
    write: AskedBy & Pick<WriteFrame, "id" | "approval">,
    rights: WriteRights,
  ): Promise<void> {
    const { link, rows, nowMs } = this.#parts;
    const { id, approval } = write;
    const rule = this.#judge.permit(rights, write);
    if (!rule.ok) return this.#end(id, notWritten(rule.error));
    if (!satisfies(approval, rule.value.confirm, this.#judge.deviceConfirms)) {
      return this.#end(id, notWritten(STRICTER_NOW));
    }
    const ready = this.#judge.ready();
    if (!ready.ok) return this.#end(id, notWritten(ready.error));
    const session = ready.value;
    if (!rows.send(id, session, nowMs())) return;
    const { limits } = rule.value;
    const frame = { ...write, isDryRun: false, limits };
    const end = await link.ask(toSetRequest(frame, nowMs(), session.startedAtMs));
    // Without a reply the row stays `sent`: the device is asked when it is back.
    if (end.type !== "reply") return;
    await this.#company.gather();
    this.#onReply(id, end.reply);
  }

  #onReply(id: string, reply: Reply): void {
    const { rows, nowMs } = this.#parts;
    const meaning = meaningOf(reply);
    switch (meaning.type) {
      case "ended":
        return this.#end(id, meaning.outcome);
      case "checked":
        return this.#end(id, unknownWrite("internal", "The relay only checked."));
      case "awaiting_local":
        rows.await(id, "local", nowMs() + meaning.expiresInMs, nowMs());
    }
  }

  #end(id: string, outcome: EndedOutcome): void {
    const { rows, nowMs } = this.#parts;
    const row = rows.find(id);
    if (row !== undefined && rows.end(id, outcome, nowMs())) this.#log(row, outcome);
  }

  expire(): void {
    const { rows, nowMs } = this.#parts;
    for (const row of rows.expire(nowMs())) this.#log(row, { outcome: "expired" });
  }

  #log(row: WriteRow | undefined, end: End): void {
    if (row === undefined) return;
    const { outbox, place, nowMs, onOutcome } = this.#parts;
    outbox.put(outcomeOf(row, end, place, nowMs()));
    onOutcome();
  }

  /** If this call is lost, the reservation ends with the write's expiry. */
  #release(id: string): void {
    void this.#parts.authority.releasePending(id).catch(() => {});
  }

  #reportOf(row: WriteRow): WriteReport {
    return reportOf(row, this.#parts.place, this.#parts.nowMs());
  }
}

const OTHER_ARGUMENTS = failure(
  "idempotency_conflict",
  "This idempotency_key was used for another write within the last day. Nothing was written.",
);
const TOO_MANY = failure(
  "too_many_pending",
  "Too many writes wait for a person already (3 of one principal, 10 of a team). Nothing was written.",
);
const STRICTER_NOW = failure(
  "confirmation_required",
  "The rules ask for more than the approval that was given. Nothing was written: ask again.",
);
