import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import {
  headLine,
  intentLine,
  MAX_KEPT_VALUE_LENGTH,
  outcomeLine,
  readJournalText,
} from "../../../relay/journal/journal-file.ts";
import { anyCharacter } from "../../support/any-character.ts";

const JOURNAL = "a".repeat(32);
const ID = "1".repeat(32);
const OTHER = "2".repeat(32);
const WRITE = { id: ID, instance: "boiler", record: "a", value: { n: 1 } };
const APPLIED: WriteOutcome = { outcome: "applied", record_key: "a", echo: "same" };

function entriesOf(text: string) {
  return [...readJournalText(text).entries];
}

describe("readJournalText", () => {
  test("gives the journal's name, its writes in their order and those that are open", () => {
    const text =
      headLine(JOURNAL) +
      intentLine(WRITE, 5) +
      intentLine({ ...WRITE, id: OTHER }, 6) +
      outcomeLine(ID, APPLIED, 7);

    const read = readJournalText(text);

    expect(read).toMatchObject({ id: JOURNAL, isDamaged: false });
    expect([...read.entries]).toEqual([
      [ID, { atMs: 5, outcome: APPLIED }],
      [OTHER, { atMs: 6, outcome: undefined }],
    ]);
    expect(read.open).toEqual([{ ...WRITE, id: OTHER }]);
  });

  test("knows an outcome without its intent, as compaction leaves it", () => {
    expect(entriesOf(headLine(JOURNAL) + outcomeLine(ID, APPLIED, 7))).toEqual([
      [ID, { atMs: 7, outcome: APPLIED }],
    ]);
  });

  test("passes over a last line that was cut, whatever is left of it", () => {
    const whole = headLine(JOURNAL) + intentLine(WRITE, 5);
    const last = outcomeLine(ID, APPLIED, 7);
    for (let length = 0; length < last.length; length += 1) {
      const read = readJournalText(whole + last.slice(0, length));
      expect(read).toMatchObject({ id: JOURNAL, isDamaged: false, open: [{ id: ID }] });
    }
  });

  test.each([
    ["a line that is no JSON", "%%%\n"],
    ["a line of another form", '{"t":"intent","id":"x"}\n'],
    ["an empty line", "\n"],
    ["a second name", headLine(OTHER)],
  ])("sees that %s between others is damage", (_name, line) => {
    const text = headLine(JOURNAL) + line + intentLine(WRITE, 5);

    expect(readJournalText(text)).toMatchObject({ id: JOURNAL, isDamaged: true, open: [WRITE] });
  });

  test("sees that a journal without its name is damaged", () => {
    expect(readJournalText(intentLine(WRITE, 5))).toMatchObject({ id: undefined, isDamaged: true });
  });

  test("takes nothing for a journal that was never written", () => {
    expect(readJournalText("")).toEqual({
      id: undefined,
      entries: new Map(),
      open: [],
      isDamaged: false,
    });
  });

  test("does not keep a value that is too long to be worth comparing", () => {
    const value = "x".repeat(MAX_KEPT_VALUE_LENGTH);

    const text = headLine(JOURNAL) + intentLine({ ...WRITE, value }, 5);

    expect(text.length).toBeLessThan(1_000);
    expect(readJournalText(text).open).toEqual([{ ...WRITE, value: undefined }]);
  });

  test("ends on any text, and only on what it wrote without damage", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 500 }), (text) => {
        const read = readJournalText(text);
        expect(read.isDamaged || read.entries.size === 0).toBe(true);
      }),
    );
  });

  test("loses nothing of what was written before any cut", () => {
    const id = fc.stringMatching(/^[0-9a-f]{32}$/);
    const writes = fc.uniqueArray(fc.record({ id, value: fc.jsonValue() }), {
      selector: (write) => write.id,
      maxLength: 10,
    });
    fc.assert(
      fc.property(writes, fc.nat(), (all, cut) => {
        const lines = [
          headLine(JOURNAL),
          ...all.flatMap((write) => [
            intentLine(
              { ...WRITE, id: write.id, value: JSON.parse(JSON.stringify(write.value)) },
              1,
            ),
            outcomeLine(write.id, APPLIED, 2),
          ]),
        ];
        const text = lines.join("");
        const at = cut % (text.length + 1);
        const read = readJournalText(text.slice(0, at));
        const whole = text.slice(0, at).split("\n").length - 1;
        expect(read.isDamaged).toBe(false);
        expect(read.entries.size).toBe(Math.max(0, Math.ceil((whole - 1) / 2)));
        expect(read.open.length).toBe(whole === 0 || whole % 2 === 1 ? 0 : 1);
      }),
    );
  });
});
