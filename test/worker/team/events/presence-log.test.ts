/** The log of a team's relays, in the storage of a team object. */
import { afterEach, expect, test } from "vitest";
import { appendEvent, hearBehind } from "../../../../worker/team/events/presence-log.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { inObject } from "../../support/objects.ts";
import { createTeam } from "../../support/team.ts";

afterEach(cleanUp);

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);

class Log {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The place behind it. */
  add(n: number, atMs: number): number {
    appendEvent(this.#sql, { event: "relay", data: { n } }, atMs);
    return hearBehind(this.#sql, null).last;
  }

  /** As a backup is, which was made then. */
  takeBackTo(place: number): void {
    this.#sql.exec("DELETE FROM presence_event WHERE seq > ?", place);
  }

  hear(after: number): unknown {
    const { events, isGap } = hearBehind(this.#sql, after);
    return isGap ? "gap" : events.map(({ data }) => data["n"]);
  }
}

async function inLog(run: (log: Log) => void): Promise<void> {
  const team = await createTeam();
  await inObject("TEAM", team.id, ({ storage: { sql } }) => {
    sql.exec("DELETE FROM presence_event");
    run(new Log(sql));
  });
}

test("whoever heard of nothing yet hears of all", () =>
  inLog((log) => {
    expect(log.hear(0)).toEqual([]);
    log.add(1, NOW_MS);
    log.add(2, NOW_MS);
    log.add(3, NOW_MS - 5_000);

    expect(log.hear(0)).toEqual([1, 2, 3]);
  }));

test("a place that was taken back is a gap, however many events came since", () =>
  inLog((log) => {
    const kept = log.add(1, NOW_MS);
    log.add(2, NOW_MS + 1_000);
    const lost = log.add(3, NOW_MS + 2_000);
    log.takeBackTo(kept);
    expect(log.hear(lost)).toBe("gap");
    for (let n = 4; n < 9; n += 1) log.add(n, NOW_MS + 60_000);

    expect(log.hear(lost)).toBe("gap");
    expect(log.hear(kept)).toEqual([4, 5, 6, 7, 8]);
  }));

test("whoever heard the last of what is too old misses nothing, and others do", () =>
  inLog((log) => {
    const before = log.add(1, NOW_MS);
    const last = log.add(2, NOW_MS + 1_000);
    log.add(3, NOW_MS + 2 * DAY_MS);
    log.add(4, NOW_MS + 2 * DAY_MS);

    expect(log.hear(last)).toEqual([3, 4]);
    expect(log.hear(before)).toBe("gap");
    expect(log.hear(0)).toBe("gap");
  }));

test("a thousand events reach back", () =>
  inLog((log) => {
    const places = Array.from({ length: 1_002 }, (_, n) => log.add(n, NOW_MS));

    expect(log.hear(places[0] ?? 0)).toBe("gap");
    expect(log.hear(places[1] ?? 0)).toHaveLength(1_000);
  }));
