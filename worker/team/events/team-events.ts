/** What a team object does for event streams: who has one, what it reports, and that this is true. */
import type { Holder } from "../../access/rights.ts";
import type { Sql } from "../../storage/migrate.ts";
import { EventStreams, type StreamsClock } from "./event-streams.ts";
import type {
  Heard,
  HearEvents,
  HeardEvents,
  LeaveEvents,
  OpenedEvents,
  OpenEvents,
  PresenceReport,
  RelayPresence,
} from "./events-rpc.ts";
import { newsOf, presenceOf, relayNews, type RelayChange } from "./presence-change.ts";
import { appendEvent, deleteReport, hearBehind, readReport, writeReport } from "./presence-log.ts";
import { findRelay, findRelayByObject, readRelays } from "../relays/relays.ts";

/** While anybody listens, relays that seem connected are checked this often: a dead one reports nothing. */
const LOOK_EVERY_MS = 60_000;

/**
 * The platform lets one request ask 1 000 objects (Free plan), and the team's object has other questions to ask.
 */
const MAX_LOOKED_AT = 200;

/** How long a first answer waits for relays whose state is unknown; then it goes without them. */
const FIRST_LOOK_MS = 2_000;

export interface TeamEventsParts {
  readonly sql: Sql;
  readonly clock: StreamsClock;
  readonly isOutdated: (holder: Holder) => boolean;
  /** Asks a relay's object for its state; null if it can't be asked. */
  readonly look: (relayId: string) => Promise<PresenceReport | null>;
}

export class TeamEvents {
  readonly #parts: TeamEventsParts;
  readonly #streams: EventStreams;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: TeamEventsParts) {
    this.#parts = parts;
    this.#streams = new EventStreams(parts.clock);
  }

  async open({ holder, stream, resumes, after }: OpenEvents): Promise<OpenedEvents> {
    if (this.#parts.isOutdated(holder)) return { type: "outdated" };
    const retryAfterS = this.#streams.open(holder.id, stream, resumes);
    if (retryAfterS > 0) return { type: "too_many", retryAfterS };
    await this.#lookAtUnknown();
    return { type: "heard", heard: this.#heard(after) };
  }

  async hear({ holder, stream, after, waitMs }: HearEvents): Promise<HeardEvents> {
    const { clock, isOutdated } = this.#parts;
    const endMs = clock.nowMs() + waitMs;
    void this.#lookAtConnected();
    while (true) {
      if (isOutdated(holder)) return { type: "outdated" };
      const heard = this.#heard(after);
      const leftMs = endMs - clock.nowMs();
      if (heard.last !== after || leftMs <= 0) return { type: "heard", heard };
      if ((await this.#streams.wait(holder.id, stream, leftMs)) === "replaced") {
        return { type: "replaced" };
      }
    }
  }

  leave({ holder, stream }: LeaveEvents): void {
    this.#streams.leave(holder.id, stream);
  }

  /** Rights have changed: each question that waits checks whether its own have. */
  onRights(): void {
    this.#streams.wake();
  }

  note(relayId: string, report: PresenceReport): void {
    const { sql, clock } = this.#parts;
    const facts = findRelayByObject(sql, relayId);
    if (facts === undefined || facts.status === "revoked") return;
    const before = readReport(sql, facts.name);
    if (before !== undefined && isOvertaken(report, before, clock.nowMs())) return;
    writeReport(sql, facts.name, report);
    const news = newsOf(facts, before, report);
    for (const one of news) appendEvent(sql, one, clock.nowMs());
    if (news.length > 0) this.#streams.wake();
  }

  /** What the team itself did to a relay. */
  noteChange(name: string, change: RelayChange): void {
    const { sql, clock } = this.#parts;
    const facts = findRelay(sql, name);
    if (facts === undefined) return;
    const atMs = clock.nowMs();
    appendEvent(sql, relayNews(facts, readReport(sql, name), { change, atMs }), atMs);
    if (change === "revoked") deleteReport(sql, name);
    this.#streams.wake();
  }

  #heard(after: number | null): Heard {
    const behind = hearBehind(this.#parts.sql, after);
    return { ...behind, relays: after === null || behind.isGap ? this.relays() : null };
  }

  /** All but the revoked ones. */
  relays(): RelayPresence[] {
    const { sql } = this.#parts;
    return readRelays(sql)
      .filter(({ status }) => status !== "revoked")
      .map((facts) => presenceOf(facts, readReport(sql, facts.name)));
  }

  async #lookAtUnknown(): Promise<void> {
    const { sql, clock } = this.#parts;
    const unknown = readRelays(sql).filter(
      ({ name, status }) => status !== "revoked" && readReport(sql, name) === undefined,
    );
    if (unknown.length === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(FIRST_LOOK_MS, resolve);
      void this.#lookAt(unknown).then(() => {
        cancel();
        resolve();
      });
    });
  }

  async #lookAtConnected(): Promise<void> {
    const { sql, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const agoMs = nowMs - this.#lookedAtMs;
    // Negative if the clock was set back.
    if (agoMs >= 0 && agoMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = nowMs;
    const connected = readRelays(sql).flatMap((relay) => {
      const report = readReport(sql, relay.name);
      return report?.connected === true ? [{ ...relay, atMs: report.atMs }] : [];
    });
    await this.#lookAt(connected.toSorted((a, b) => a.atMs - b.atMs));
  }

  /** Expects those not heard from for the longest first. */
  async #lookAt(relays: readonly { readonly object_id: string }[]): Promise<void> {
    await Promise.all(
      relays.slice(0, MAX_LOOKED_AT).map(async ({ object_id }) => {
        const report = await this.#parts.look(object_id);
        if (report !== null) this.note(object_id, report);
      }),
    );
  }
}

/** A stored report from the future was made before the clock was set back: everything that comes now is newer. */
function isOvertaken(report: PresenceReport, before: PresenceReport, nowMs: number): boolean {
  return report.atMs < before.atMs && before.atMs <= nowMs;
}
