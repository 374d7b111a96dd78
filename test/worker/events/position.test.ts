import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_POSITION_LENGTH } from "../../../worker/events/limits.ts";
import { formatPosition, parsePosition, type Position } from "../../../worker/events/position.ts";
import { anyCharacter } from "../../support/any-character.ts";

const anyCursor = fc.record({
  epoch: fc.string({ maxLength: 12, unit: anyCharacter }),
  sequence: fc.nat(),
});
const anyRecord = fc.record({
  instance: fc.stringMatching(/^[a-z0-9-]{1,20}\/[a-z0-9-]{1,20}$/),
  record: fc.string({ minLength: 1, maxLength: 40, unit: anyCharacter }),
});
const anyCase = fc.array(anyRecord, { maxLength: 40 }).chain((records) =>
  fc.record({
    selection: fc.record({ records: fc.constant(records), presence: fc.boolean() }),
    position: fc.record({
      stream: fc.stringMatching(/^[0-9a-f]{16}$/),
      presence: fc.option(fc.nat()),
      cursors: fc.array(fc.option(anyCursor, { nil: undefined }), {
        minLength: records.length,
        maxLength: records.length,
      }),
    }),
  }),
);

test("a position is read as it was written, whatever epochs are made of", () => {
  fc.assert(
    fc.property(anyCase, ({ selection, position }) => {
      const text = formatPosition(position, selection);
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(parsePosition(text, selection)).toEqual(position);
    }),
    { numRuns: 300 },
  );
});

test("any text is a position or not, and never throws", () => {
  const selection = { records: [{ instance: "gw/a", record: "b" }], presence: true };
  const good = formatPosition(POSITION, selection);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: anyCharacter }),
        fc.nat(good.length).map((at) => good.slice(at)),
      ),
      (text) => {
        expect(parsePosition(text, selection)?.cursors.length ?? 1).toBe(1);
      },
    ),
  );
});

const POSITION: Position = {
  stream: "0123456789abcdef",
  presence: 7,
  cursors: [{ epoch: "5e1f.0", sequence: 9 }],
};

test.each([
  ["other records", { records: [{ instance: "gw/a", record: "c" }], presence: true }],
  ["another instance", { records: [{ instance: "gw/b", record: "b" }], presence: true }],
  ["no presence", { records: [{ instance: "gw/a", record: "b" }], presence: false }],
  ["none", { records: [], presence: true }],
])("a position is none for a selection of %s", (_what, other) => {
  const selection = { records: [{ instance: "gw/a", record: "b" }], presence: true };

  expect(parsePosition(formatPosition(POSITION, selection), other)).toBeUndefined();
});

test("a position of 64 records with an epoch each is within its bound", () => {
  const records = Array.from({ length: 64 }, (_, i) => ({ instance: "gw/a", record: `r${i}` }));
  const cursors = records.map((_, i) => ({
    epoch: `${"e".repeat(36)}.${i}`,
    sequence: 2 ** 40 + i,
  }));
  const selection = { records, presence: true };
  const text = formatPosition({ ...POSITION, cursors }, selection);

  expect(text.length).toBeLessThan(MAX_POSITION_LENGTH);
  expect(parsePosition(text, selection)?.cursors).toEqual(cursors);
});

test("a position of a hundred thousand characters is not even read", () => {
  expect(parsePosition("A".repeat(100_000), { records: [], presence: true })).toBeUndefined();
});
