import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterDial,
  afterRefusal,
  goesOn,
  readContinuity,
  writeContinuity,
  type Continuity,
  type Shown,
} from "../../../../worker/relay/dial/continuity.ts";
import { inRelayTables } from "../../support/relay-tables.ts";

const UNBEGUN: Continuity = { name: "unbegun" };
const BEGUN = afterDial("old", "new");
const BEGUN_WITHOUT = afterDial(null, "new");

describe("a dial", () => {
  test.each<[string, Continuity, Shown, boolean]>([
    ["the first of a relay", UNBEGUN, null, true],
    ["the first since the worker knows no history, of a device that has one", UNBEGUN, "any", true],
    ["with what the last one was given", BEGUN, "new", true],
    ["with what the last one showed, since its welcome was lost", BEGUN, "old", true],
    ["with what neither was, as from a backup", BEGUN, "older", false],
    ["without a value, as by a thief who leaves it out", BEGUN, null, false],
    ["without one after one without, as by an older relay", BEGUN_WITHOUT, null, true],
    ["with the first value that a device was given", BEGUN_WITHOUT, "new", true],
    ["with a strange value after one without", BEGUN_WITHOUT, "older", false],
  ])("%s: goes on or not [D-17]", (_name, continuity, shown, expected) => {
    expect(goesOn(continuity, shown)).toBe(expected);
  });

  test("that was refused may come back once the team lets it, as may whoever has the last value", () => {
    const after = afterRefusal(BEGUN, "backup");

    expect(["backup", "new"].map((shown) => goesOn(after, shown))).toEqual([true, true]);
    expect([null, "older"].map((shown) => goesOn(after, shown))).toEqual([false, false]);
    expect(afterRefusal(UNBEGUN, "any")).toEqual(UNBEGUN);
  });
});

/** What becomes of a dial: the device stores what it is given, or never does. */
type Fate = "stored" | "lost";
const fate = fc.constantFrom<Fate>("stored", "lost");

/** The relay object under `alert`: it lets everybody in, and counts those that don't go on. */
class Worker {
  continuity = UNBEGUN;
  events = 0;
  #count = 0;

  dial(shown: Shown): string {
    if (!goesOn(this.continuity, shown)) this.events += 1;
    const given = `value-${(this.#count += 1)}`;
    this.continuity = afterDial(shown, given);
    return given;
  }
}

class Dialer {
  held: Shown;
  storedCount = 0;

  constructor(held: Shown = null) {
    this.held = held;
  }

  dial(worker: Worker, fate: Fate): void {
    const given = worker.dial(this.held);
    if (fate === "lost") return;
    this.held = given;
    this.storedCount += 1;
  }
}

describe("among all sequences", () => {
  test("one device never raises an event, whatever welcomes it loses and whenever it stops [D-17]", () => {
    fc.assert(
      fc.property(fc.array(fate), (fates) => {
        const [worker, device] = [new Worker(), new Dialer()];
        for (const one of fates) device.dial(worker, one);
        expect(worker.events).toBe(0);
      }),
    );
  });

  test("nor does one that was updated in between to a release that knows the value [D-17]", () => {
    fc.assert(
      fc.property(fc.array(fate), fc.array(fate), (before, after) => {
        const [worker, device] = [new Worker(), new Dialer()];
        for (const _old of before) device.dial(worker, "lost");
        for (const one of after) device.dial(worker, one);
        expect(worker.events).toBe(0);
      }),
    );
  });

  test("two with one key raise one by the time each has stored a value and both dial again [D-18]", () => {
    const turn = fc.record({ who: fc.constantFrom(0, 1), fate });
    fc.assert(
      fc.property(fc.array(fate), fc.array(turn), (before, turns) => {
        const [worker, device] = [new Worker(), new Dialer()];
        for (const one of before) device.dial(worker, one);
        const [own, copy] = [new Dialer(device.held), new Dialer(device.held)];
        const dialers = [own, copy];
        for (const { who, fate } of turns) dialers[who]?.dial(worker, fate);
        for (const dialer of dialers) if (dialer.storedCount === 0) dialer.dial(worker, "stored");
        for (const dialer of dialers) dialer.dial(worker, "lost");
        expect(worker.events).toBeGreaterThan(0);
      }),
    );
  });

  test("and go on to raise them: of two that store what they are given, each who comes second [D-18]", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 1 }), (rest) => {
        const [worker, own] = [new Worker(), new Dialer()];
        own.dial(worker, "stored");
        const copy = new Dialer(own.held);
        own.dial(worker, "stored");
        // As where a welcome was lost: the first dial of a copy may pass.
        copy.dial(worker, "stored");
        expect(worker.events).toBe(0);
        const dialers = [own, copy];
        let last = 1;
        for (const who of rest) {
          const before = worker.events;
          dialers[who]?.dial(worker, "stored");
          expect(worker.events - before).toBe(who === last ? 0 : 1);
          last = who;
        }
      }),
    );
  });

  test("a thief who leaves the value out is noticed at once, and so is the device that comes back", () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 1 }), (fates) => {
        const [worker, device] = [new Worker(), new Dialer()];
        device.dial(worker, "stored");
        for (const one of fates) device.dial(worker, one);
        worker.dial(null);
        expect(worker.events).toBe(1);
        device.dial(worker, "stored");
        expect(worker.events).toBe(2);
      }),
    );
  });
});

test("the row keeps it, once it has begun", async () => {
  const read = await inRelayTables((sql) => {
    sql.exec(
      "INSERT INTO relay (one, team, name, public_key, installation, created_at) VALUES (1, 't', 'gw', '{}', 'i', 1)",
    );
    const states = [UNBEGUN, BEGUN, BEGUN_WITHOUT].map((continuity) => {
      writeContinuity(sql, continuity);
      return readContinuity(sql).continuity;
    });
    return states;
  });

  expect(read).toEqual([UNBEGUN, BEGUN, BEGUN_WITHOUT]);
});
