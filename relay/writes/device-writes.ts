/**
 * Every write that reaches the device: known by its call id or not, in time or not, and held if somebody has to approve
 * it first.
 */
import { failure, type Failure } from "#shared/failure.ts";
import type { RememberedWrite } from "#shared/link/outcomes.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { UNKNOWN_INSTANCE } from "#shared/fleet/unknown.ts";
import { MAX_VALUE_LENGTH } from "../access/audit-log.ts";
import type { AuditTrail } from "../access/audit-trail.ts";
import { isApproved, type GivenApproval } from "../access/write-policy.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Instance } from "../instances/instance.ts";
import type { WriteRequest } from "../instances/writing/write-check.ts";
import { EXPIRED, NO_JOURNAL } from "../instances/writing/writing.ts";
import type { Journal } from "../journal/journal.ts";
import { waitUntil, waitUntilSettled } from "../wait-until.ts";
import { HeldWrites, type ShownWrite } from "./held-writes.ts";

/** Time for earlier writes of its record to end. With a host's time to answer, less than the owner's command waits. */
const APPROVED_BEGINS_MS = 10_000;

/** Longer than a host may take to answer a write. */
const OUTCOME_WAIT_MS = 10_000;

export interface DeviceWritesOptions {
  readonly config: Pick<Config, "confirmWrites">;
  readonly journal: Journal;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly find: (instance: string) => Instance | undefined;
  /** Which unapproved writes are held: with a link only those that must be approved here, beside a client all. */
  readonly holds: "local_only" | "all";
}

export interface DeviceWrite extends Omit<WriteRequest, "row"> {
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  /** Waits for an earlier one of its id to end. */
  readonly timeoutMs: number;
}

export class DeviceWrites {
  readonly #options: DeviceWritesOptions;
  readonly #held: HeldWrites;
  /** What a held write was asked with. */
  readonly #asked = new Map<string, DeviceWrite>();
  /** From the first look at it until its end is known: the journal has it only once it begins. */
  readonly #doing = new Map<string, Promise<unknown>>();

  constructor(options: DeviceWritesOptions) {
    this.#options = options;
    this.#held = new HeldWrites(options.clock);
  }

  write(write: DeviceWrite): Promise<WriteOutcome> {
    return this.#during(write.callId, () => this.#begin(write));
  }

  async #begin(write: DeviceWrite): Promise<WriteOutcome> {
    const { journal, clock, config } = this.#options;
    const known = await this.#known(write.callId, write.timeoutMs);
    if (known !== undefined) return known;
    if (!write.isDryRun && !(await journal.ready())) return notWritten(NO_JOURNAL);
    if (clock.monotonicMs() > write.notAfterMs) return notWritten(EXPIRED);
    const isHeld = !write.isDryRun && !isApproved(config, write.approval) && this.#holds();
    return isHeld ? this.#hold(write) : this.#execute(write);
  }

  /**
   * Reports what became of them when they have ended, or after a while that they have not. `arriving`: a write on its
   * way that has not come here yet.
   */
  async remember(
    ids: readonly string[],
    arriving: (id: string) => Promise<unknown> | undefined = () => undefined,
  ): Promise<RememberedWrite[]> {
    const { journal, clock } = this.#options;
    await waitUntil({ clock, waitMs: OUTCOME_WAIT_MS }, (finish) => {
      const ends = ids.flatMap((id) =>
        [journal.ended(id), this.#doing.get(id), arriving(id)].filter((end) => end !== undefined),
      );
      void Promise.allSettled(ends).then(finish);
      return () => {};
    });
    return ids.map((id) => this.#stateOf(id, arriving(id) !== undefined));
  }

  /** Drops those that are held, unwritten. */
  close(): void {
    this.#held.clear();
    this.#asked.clear();
  }

  /** When none is under way any more, or after `waitMs`. */
  async settled(waitMs: number): Promise<void> {
    const { clock } = this.#options;
    await waitUntilSettled(Promise.allSettled(this.#doing.values()), { clock, waitMs });
  }

  waiting(): ShownWrite[] {
    return this.#held.list();
  }

  /** The same write, asked for earlier by the same principal, that still waits. */
  waitingLike(
    write: Pick<ShownWrite, "principal" | "instance" | "record" | "value">,
  ): ShownWrite | undefined {
    return this.#held.like(write);
  }

  /** Executes it once, after checking it again. */
  async approve(callId: string, approval: GivenApproval): Promise<Result<WriteOutcome, Failure>> {
    const { config } = this.#options;
    const asked = this.#asked.get(callId);
    if (asked === undefined || !this.#held.has(callId)) return err(NOT_WAITING);
    if (!isApproved(config, approval)) return err(NOT_HERE);
    this.#forget(callId);
    return ok(await this.#during(callId, () => this.#executeApproved(asked, approval)));
  }

  async #executeApproved(asked: DeviceWrite, approval: GivenApproval): Promise<WriteOutcome> {
    const { clock, journal } = this.#options;
    const { callId } = asked;
    const { signal } = new AbortController();
    const notAfterMs = clock.monotonicMs() + APPROVED_BEGINS_MS;
    const write = { ...asked, approval, signal, notAfterMs };
    const outcome = await this.#executeLogged(write);
    if (journal.find(callId) === undefined) await this.#end(callId, outcome);
    return outcome;
  }

  async decline(callId: string): Promise<Result<WriteOutcome, Failure>> {
    if (!this.#held.has(callId)) return err(NOT_WAITING);
    this.#forget(callId);
    await this.#during(callId, () => this.#end(callId, DECLINED));
    return ok(DECLINED);
  }

  #holds(): boolean {
    const { config, holds } = this.#options;
    return holds === "all" || config.confirmWrites === "local";
  }

  async #known(callId: string, waitMs: number): Promise<WriteOutcome | undefined> {
    const { journal, clock } = this.#options;
    await waitUntil({ clock, waitMs }, (finish) => {
      void journal.ended(callId).then(finish);
      return () => {};
    });
    const known = journal.find(callId);
    if (known === undefined) return undefined;
    return known.state === "ended" ? known.outcome : UNDER_WAY;
  }

  async #hold(write: DeviceWrite): Promise<WriteOutcome> {
    const checked = await this.#execute({ ...write, isDryRun: true });
    if (checked.outcome !== "checked") return checked;
    // The caller may have been told by now that it was never seen, and that is final (J-10).
    if (write.signal.aborted) return notWritten(LOST);
    const { callId, principal, instance, value } = write;
    const { record_key: record, current } = checked;
    const held = this.#held.hold({ callId, principal, instance, record, value, current }, () => {
      this.#asked.delete(callId);
      void this.#end(callId, notWritten(UNANSWERED));
    });
    if (!held.ok) return notWritten(held.error);
    this.#asked.set(callId, write);
    return { ...checked, outcome: "awaiting_local", expires_in_ms: held.value.expiresInMs };
  }

  async #execute(write: DeviceWrite): Promise<WriteOutcome> {
    const instance = this.#options.find(write.instance);
    return instance === undefined
      ? notWritten(UNKNOWN_INSTANCE)
      : instance.set(write.record, write);
  }

  /** A call is logged by the server; what was held has no call any more. */
  async #executeLogged(write: DeviceWrite): Promise<WriteOutcome> {
    const { trail } = this.#options;
    const { callId: call_id, principal, instance, record } = write;
    const entry = {
      call_id,
      principal,
      instance,
      record,
      method: "record.set",
      approval: write.approval,
    };
    const value = JSON.stringify(write.value).slice(0, MAX_VALUE_LENGTH);
    if (!(await trail.append({ ...entry, phase: "intent", value }, true)))
      return notWritten(NO_LOG);
    const outcome = await this.#execute(write);
    await trail.append({ ...entry, phase: "outcome", outcome: outcome.outcome }, true);
    return outcome;
  }

  async #during<T>(callId: string, run: () => Promise<T>): Promise<T> {
    const doing = run();
    this.#doing.set(callId, doing);
    try {
      return await doing;
    } finally {
      if (this.#doing.get(callId) === doing) this.#doing.delete(callId);
    }
  }

  #stateOf(id: string, isArriving: boolean): RememberedWrite {
    const entry = this.#options.journal.find(id);
    if (entry !== undefined) return { id, ...entry };
    if (this.#held.has(id)) return { id, state: "awaiting_local" };
    return { id, state: isArriving || this.#doing.has(id) ? "under_way" : "never_seen" };
  }

  #forget(callId: string): void {
    this.#held.take(callId);
    this.#asked.delete(callId);
  }

  #end(callId: string, outcome: WriteOutcome): Promise<void> {
    return this.#options.journal.end(callId, outcome);
  }
}

const LOST = failure("link_lost", "The caller was gone before the write was held.");
const NO_LOG = failure(
  "refused_by_device",
  "The device's audit log can't be written, so nothing was changed.",
);
const UNANSWERED = failure("expired", "Nobody approved the write in time. Nothing was changed.");
const NOT_WAITING = failure("unknown_call", "No write with this id waits for an approval here.");
const NOT_HERE = failure(
  "confirmation_required",
  "The device file asks for an approval on the device: aimdb-relay confirm.",
);
const DECLINED: WriteOutcome = {
  outcome: "refused",
  ...failure("refused_by_device", "It was declined at the device. Nothing was changed."),
};
const UNDER_WAY: WriteOutcome = {
  outcome: "unknown",
  ...failure("conflict", "The write is under way already. Ask for its outcome by its call id."),
};
