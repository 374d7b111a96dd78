/** A relay object's parts that concern writes, and what they have to do later. */
import { after } from "../../after.ts";
import type { Env } from "../../env.ts";
import { originsOf } from "../../origins.ts";
import { isCreated } from "../../storage/migrate.ts";
import { wakeBy } from "../../storage/wake-by.ts";
import { AuditOutbox } from "./audit-outbox.ts";
import { ResetDesk } from "./reset-desk.ts";
import type { Offline } from "../calls/offline.ts";
import type { RelayLink } from "../link/link.ts";
import type { OwnInventory } from "../own-inventory.ts";
import type { OwnRow } from "../own-row.ts";
import { WriteAuthority } from "./write-authority.ts";
import { WriteDesk } from "./write-desk.ts";
import { outcomeOf } from "./write-audit.ts";
import { WriteRates } from "./write-rates.ts";
import type { ReportPlace } from "./write-report.ts";
import { WriteRows, type WriteRow } from "./write-rows.ts";

/** Delay before the team's object is asked again to take the entries that it did not take. */
const RETRY_MS = 5_000;
/** Lets entries that follow within this time go along: nobody waits for the log. */
const GATHERED_MS = 100;

export interface RelayWritesParts {
  readonly link: RelayLink;
  readonly row: OwnRow;
  readonly inventory: OwnInventory;
  readonly offline: Offline;
}

/** They share the write rates and the log. */
interface Desks {
  readonly writes: WriteDesk;
  readonly resets: ResetDesk;
}

export class RelayWrites {
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #parts: RelayWritesParts;
  readonly #rows: WriteRows;
  readonly #outbox: AuditOutbox;
  /** Known only if this object set it since it woke. */
  #alarmAtMs = Infinity;
  #isGathering = false;
  #desks: Desks | undefined;

  constructor(ctx: DurableObjectState, env: Env, parts: RelayWritesParts) {
    this.#ctx = ctx;
    this.#env = env;
    this.#parts = parts;
    this.#rows = new WriteRows(ctx.storage.sql, (row) => this.#onForgotten(row));
    this.#outbox = new AuditOutbox(ctx.storage.sql, async (entries) => {
      const team = parts.row.read()?.team ?? "";
      await new WriteAuthority(env, team).auditOutcomes(entries);
    });
  }

  /** Call ids of writes whose end only the device knows. */
  unresolved(): readonly string[] {
    return this.#rows.unresolved().map(({ id }) => id);
  }

  /** Undefined for a relay that was never created. */
  get desk(): WriteDesk | undefined {
    return this.#opened()?.writes;
  }

  get resets(): ResetDesk | undefined {
    return this.#opened()?.resets;
  }

  /** For good. Rejects if the log can't be told of the last outcomes. */
  async end(): Promise<void> {
    this.desk?.endAll();
    while (!this.#outbox.isEmpty) {
      if (!(await this.#outbox.flush())) throw new Error("The team's log could not be told");
    }
  }

  async onAlarm(): Promise<void> {
    this.#alarmAtMs = Infinity;
    if (!isCreated(this.#ctx.storage.sql)) return;
    const cleanAtMs = this.#rows.clean(Date.now());
    this.desk?.expire();
    this.#outbox.forgetDelivered();
    await this.#plan(cleanAtMs);
    await this.#outbox.flush();
  }

  #opened(): Desks | undefined {
    this.#desks ??= this.#open();
    return this.#desks;
  }

  #open(): Desks | undefined {
    const row = this.#parts.row.read();
    if (row === undefined) return undefined;
    const shared = {
      link: this.#parts.link,
      offline: this.#parts.offline,
      outbox: this.#outbox,
      authority: new WriteAuthority(this.#env, row.team),
      rates: new WriteRates(Date.now),
      place: this.#placeOf(row.name),
      inventory: () => this.#parts.inventory.read(),
      nowMs: Date.now,
      onOutcome: () => this.#onOutcome(),
    };
    return {
      writes: new WriteDesk({
        ...shared,
        rows: this.#rows,
        onKept: (untilMs) => void this.#wakeBy(untilMs),
        onWait: () => void this.#plan(),
      }),
      resets: new ResetDesk(shared),
    };
  }

  #placeOf(relayName: string): ReportPlace {
    const relayId = this.#ctx.id.toString();
    return { relayId, relayName, publicUrl: originsOf(this.#env).main.href };
  }

  /** The log has the write's intent, and will never learn its outcome, so it is told that. */
  #onForgotten(write: WriteRow): void {
    const row = this.#parts.row.read();
    if (row === undefined) return;
    this.#outbox.put(outcomeOf(write, { outcome: "unknown" }, this.#placeOf(row.name), Date.now()));
    this.#onOutcome();
  }

  #onOutcome(): void {
    void this.#wakeBy(Date.now() + RETRY_MS);
    this.#deliverSoon();
  }

  async #plan(cleanAtMs = Infinity): Promise<void> {
    const retryMs = this.#outbox.isEmpty ? Infinity : Date.now() + RETRY_MS;
    await this.#wakeBy(Math.min(retryMs, this.#rows.nextExpiryMs() ?? Infinity, cleanAtMs));
  }

  /** Otherwise at the alarm, if the log can't be reached or this object is reset before. */
  #deliverSoon(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    after(GATHERED_MS, () => {
      this.#isGathering = false;
      if (isCreated(this.#ctx.storage.sql)) void this.#outbox.flush();
    });
  }

  /** An earlier alarm does the same work and sets the next. */
  async #wakeBy(dueMs: number): Promise<void> {
    const isSet = this.#alarmAtMs <= dueMs && this.#alarmAtMs > Date.now();
    if (isSet || dueMs === Infinity) return;
    this.#alarmAtMs = dueMs;
    await wakeBy(this.#ctx.storage, dueMs);
  }
}
