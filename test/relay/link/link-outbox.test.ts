import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PARTS_FEATURE } from "#shared/link/features.ts";
import { HEARTBEAT_REQUEST } from "#shared/link/heartbeat.ts";
import { splitMessage } from "#shared/link/message.ts";
import { FORGET_PARTS, PART_LENGTH, PartsIn } from "#shared/link/parts.ts";
import { LinkOutbox, MAX_WAITING_LENGTH } from "../../../relay/link/link-outbox.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const LONG = "x".repeat(20 * PART_LENGTH);

/** A worker at the end of a line that a test lets carry, heartbeat by heartbeat. */
class Line {
  readonly clock = new ManualClock();
  readonly messages: string[] = [];
  #unanswered = 0;
  readonly outbox: LinkOutbox;

  constructor() {
    const send = (message: string) => {
      if (message === HEARTBEAT_REQUEST) this.#unanswered += 1;
      else this.messages.push(message);
    };
    const socket = { send, sendSoon: send, close: () => {}, abandon: () => {} };
    this.outbox = new LinkOutbox(socket, this.clock);
    this.outbox.begin([PARTS_FEATURE], 10);
  }

  /** All of it arrives by then; false where nothing was on its way. */
  carry(ms = 1_000): boolean {
    this.clock.advance(ms);
    const count = this.#unanswered;
    for (let n = 0; n < count; n += 1) {
      this.#unanswered -= 1;
      this.outbox.onAnswer();
    }
    return count > 0;
  }

  carryAll(): void {
    while (this.carry());
  }

  /** As a worker puts them together. */
  get frames(): string[] {
    const into = new PartsIn();
    return this.messages.flatMap((message) => {
      const arrived = into.take(message);
      if (!arrived.ok) throw new Error(arrived.error.reason);
      const { value } = arrived;
      if (value.type === "frame") return [value.text];
      const texts = value.type === "message" ? splitMessage(value.text) : undefined;
      return texts?.ok === true ? [...texts.value] : [];
    });
  }
}

describe("LinkOutbox", () => {
  test("sends at once what the line takes", () => {
    const { outbox, messages } = new Line();
    outbox.put({ key: "a", text: "{a}" });
    outbox.put({ key: "b", text: "{b}" });

    expect(messages).toEqual(["{a}", "{b}"]);
  });

  test("takes no short frame without end either", () => {
    const { outbox } = new Line();
    const text = "x".repeat(PART_LENGTH);
    const taken = Array.from({ length: (4 * MAX_WAITING_LENGTH) / PART_LENGTH }, (_, i) =>
      outbox.put({ key: `${i}`, text }),
    );

    expect(taken).toContain(false);
    expect(outbox.waitingLength).toBeLessThanOrEqual(2 * MAX_WAITING_LENGTH);
  });

  test("lets a short frame and the heartbeat pass a long one [P-6]", () => {
    const line = new Line();
    line.outbox.put({ key: "long", text: `{${LONG}}` });
    const before = line.messages.length;
    line.outbox.put({ key: "a", text: "{a}" });
    line.carry();
    line.carry();

    expect(before).toBeLessThanOrEqual(2);
    expect(line.messages.indexOf("{a}")).toBeLessThan(before + 2);
    line.carryAll();
    expect(line.frames).toEqual(["{a}", `{${LONG}}`]);
  });

  test("gives a long frame its turn among any number of short ones", () => {
    const line = new Line();
    line.outbox.put({ key: "long", text: `{${LONG}}` });
    let rounds = 0;
    while (!line.frames.includes(`{${LONG}}`)) {
      for (let n = 0; n < 40; n += 1) {
        line.outbox.put({ key: `${rounds} ${n}`, text: `{${"s".repeat(1_000)}}` });
      }
      line.carry();
      rounds += 1;
    }

    expect(rounds).toBeLessThan(60);
  });

  test("lets long answers of samples and others take turns, each in their order", () => {
    const line = new Line();
    for (const key of ["s1", "s2", "s3"]) {
      line.outbox.put({ key, text: `{${key}${LONG}}`, isSamples: true });
    }
    for (const key of ["l1", "l2"]) line.outbox.put({ key, text: `{${key}${LONG}}` });
    line.carryAll();

    expect(line.frames.map((text) => text.slice(1, 3))).toEqual(["s1", "l1", "s2", "l2", "s3"]);
  });

  test("sends nothing that nobody waits for any more, and says so of what it had begun", () => {
    const line = new Line();
    for (const key of ["begun", "kept", "late"]) {
      line.outbox.put({
        key,
        text: `{${key}${LONG}}`,
        untilMs: key === "late" ? 5_000 : undefined,
      });
    }
    line.carry();
    line.outbox.withdraw("begun");
    line.clock.advance(10_000);
    line.carryAll();

    expect(line.messages).toContain(FORGET_PARTS);
    expect(line.frames).toEqual([`{kept${LONG}}`]);
    expect(line.outbox.isEmpty).toBe(true);
  });

  test("has the latest in place of one that waits under the same key", () => {
    const line = new Line();
    for (const n of [1, 2, 3]) line.outbox.put({ key: "inventory", text: `{${n}${LONG}}` });
    line.carryAll();

    expect(line.frames).toEqual([`{3${LONG}}`]);
  });

  test("takes no more long frames than memory is for, and each short one", () => {
    const line = new Line();
    const text = `{${"x".repeat(MAX_WAITING_LENGTH / 4)}}`;
    const taken = [0, 1, 2, 3].map((n) => line.outbox.put({ key: `${n}`, text }));

    expect(taken).toEqual([true, true, true, false]);
    expect(line.outbox.put({ key: "s", text: "{s}" })).toBe(true);
  });

  test("counts what it sent, not what it holds, where a slow line has room again", () => {
    const line = new Line();
    line.outbox.put({ key: "long", text: `{${LONG}}` });
    line.carryAll();

    expect(line.outbox.line.perSecond).toBeGreaterThan(2_000);
    expect(line.outbox.isEmpty).toBe(true);
  });

  test("sends a long frame whole to a worker that takes no parts, once the line is free", () => {
    const sent: string[] = [];
    const send = (message: string) => void sent.push(message);
    const clock = new ManualClock();
    const socket = { send, sendSoon: send, close: () => {}, abandon: () => {} };
    const outbox = new LinkOutbox(socket, clock);
    outbox.put({ key: "a", text: "{a}" });
    outbox.put({ key: "long", text: `{${LONG}}` });
    const before = [...sent];
    outbox.onAnswer();

    expect(before).toEqual(["{a}", HEARTBEAT_REQUEST]);
    expect(sent).toContain(`{${LONG}}`);
  });

  test("sends nothing over a socket that is gone", () => {
    const line = new Line();
    line.outbox.put({ key: "long", text: `{${LONG}}` });
    line.outbox.put({ key: "short", text: "s".repeat(PART_LENGTH) });
    const before = line.messages.length;
    line.outbox.close();
    line.outbox.put({ key: "late", text: "{late}" });
    line.outbox.beat();
    line.carryAll();

    expect(line.messages).toHaveLength(before);
  });

  test("brings every frame that was not taken back, whole, whatever is put when", () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ put: fc.nat({ max: 30 }), length: fc.nat({ max: 30_000 }) }),
        fc.record({ withdraw: fc.nat({ max: 30 }) }),
        fc.record({ carryMs: fc.integer({ min: 1, max: 3_000 }) }),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const line = new Line();
        const wanted = new Map<number, string>();
        for (const [n, one] of all.entries()) {
          if ("put" in one) {
            const text = `{${one.put} ${n} ${"y".repeat(one.length)}}`;
            if (line.outbox.put({ key: String(one.put), text })) wanted.set(one.put, text);
          } else if ("withdraw" in one) {
            line.outbox.withdraw(String(one.withdraw));
            wanted.delete(one.withdraw);
          } else line.carry(one.carryMs);
        }
        line.carryAll();
        line.outbox.askIfArrived();
        line.carryAll();

        const { frames } = line;
        expect(frames).toEqual(expect.arrayContaining([...wanted.values()]));
        expect(new Set(frames).size).toBe(frames.length);
        expect(line.outbox.isEmpty).toBe(true);
      }),
    );
  });
});
