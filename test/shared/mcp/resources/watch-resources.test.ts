import { describe, expect, test } from "vitest";
import { failure, type ErrorCode, type Failure } from "#shared/failure.ts";
import type { WatchQuery, Watched } from "#shared/fleet/fleet.ts";
import { findWatchable, watchResource } from "#shared/mcp/resources/watch-resources.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { fakeInstance } from "../support/builders.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

/** A fleet whose watches answer from a list, and then no more: the listener is gone. */
class Watching extends FakeFleet {
  readonly watched: WatchQuery[] = [];
  readonly waits: number[] = [];
  changes = 0;
  readonly #answers: Result<Watched, Failure>[];

  constructor(answers: Result<Watched, Failure>[]) {
    super([fakeInstance("gw-1/plant", ["sensor.temp"])]);
    this.#answers = answers;
  }

  override async watch(_instance: string, query: WatchQuery): Promise<Result<Watched, Failure>> {
    this.watched.push(query);
    return this.#answers.shift() ?? err(failure("internal", "Asked too often."));
  }

  async run(): Promise<void> {
    const start = { uri: URI, instance: "gw-1/plant", record: "sensor.temp", next: "e:0" };
    const wait = async (ms: number) => {
      this.waits.push(ms);
    };
    const isOver = () => this.#answers.length === 0;
    await watchResource({ fleet: this, wait, isOver }, start, () => {
      this.changes += 1;
    });
  }
}

const URI = "aimdb://gw-1/plant/record/sensor.temp";
const changed = (next: string) => ok({ changed: true, next });
const same = (next: string) => ok({ changed: false, next });
const fails = (code: ErrorCode) => err(failure(code, "No."));
const END = same("end");

describe("watchResource()", () => {
  test("tells of each change, at most every quarter of a second", async () => {
    const fleet = new Watching([changed("e:1"), same("e:1"), changed("e:9"), END]);

    await fleet.run();

    expect(fleet.changes).toBe(2);
    expect(fleet.waits.every((ms) => ms >= 250)).toBe(true);
  });

  test("waits as long as a metered device asks for, and five minutes at most [U-6]", async () => {
    const refused = (retry_after_s: number) =>
      err(failure("rate_limited", "Used up.", { retry_after_s }));
    const fleet = new Watching([refused(1), refused(40), refused(86_400), END]);

    await fleet.run();

    expect(fleet.waits).toEqual([5_000, 40_000, 300_000]);
  });

  test("goes on where the watch before ended", async () => {
    const fleet = new Watching([changed("e:1"), same("e:2"), END]);

    await fleet.run();

    expect(fleet.watched.map(({ after }) => after)).toEqual(["e:0", "e:1", "e:2"]);
  });

  test.each<ErrorCode>([
    "relay_offline",
    "link_lost",
    "instance_down",
    "instance_slow",
    "not_observable",
  ])("tells once of %s and once of its end, and asks less often meanwhile", async (code) => {
    const fleet = new Watching([fails(code), fails(code), same("e:0"), END]);

    await fleet.run();

    expect(fleet.changes).toBe(2);
    expect(fleet.waits).toEqual([5_000, 5_000, 250]);
  });

  test.each<ErrorCode>(["unknown_record", "unknown_instance"])("ends on %s", async (code) => {
    const fleet = new Watching([fails(code), changed("e:1"), END]);

    await fleet.run();

    expect(fleet.watched).toHaveLength(1);
    expect(fleet.changes).toBe(0);
  });
});

describe("findWatchable()", () => {
  test("is a record with where its watch begins", async () => {
    const fleet = new Watching([same("e:7")]);

    expect(await findWatchable(fleet, URI)).toEqual(
      ok({ uri: URI, instance: "gw-1/plant", record: "sensor.temp", next: "e:7" }),
    );
  });

  test.each(["aimdb://instances", "aimdb://gw-1/plant/records", "aimdb://gw-1/plant/metrics", "x"])(
    "is nothing for %s",
    async (uri) => {
      expect(await findWatchable(new Watching([]), uri)).toEqual(ok(undefined));
    },
  );

  test("is refused where the record can't be watched", async () => {
    const fleet = new Watching([fails("not_observable")]);

    expect(await findWatchable(fleet, URI)).toMatchObject({ error: { code: "not_observable" } });
  });
});
