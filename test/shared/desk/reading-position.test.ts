import fc from "fast-check";
import { expect, test } from "vitest";
import {
  MAX_POSITION_LENGTH,
  parsePosition,
  printPosition,
} from "#shared/desk/reading-position.ts";

const position = fc.record({
  cursor: fc.record({ epoch: fc.string({ maxLength: 40 }), sequence: fc.nat() }),
  eventsLeft: fc.option(fc.nat({ max: 10_000 })),
});

test("any position is read as it was printed, whatever a relay calls its epochs", () => {
  fc.assert(
    fc.property(position, (one) => {
      const text = printPosition(one);
      expect(parsePosition(text)).toEqual(one);
      expect(text.length).toBeLessThanOrEqual(MAX_POSITION_LENGTH);
    }),
  );
});

test.each(["", "7", "7.", "-1..e.0", "1e3..e.0", "7.x.e.0", "7..".padEnd(99, "e"), "٧..e.0"])(
  "%j is none",
  (text) => {
    expect(parsePosition(text)).toBeUndefined();
  },
);

test("any text is a position that prints as itself in value, or none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const found = parsePosition(text);
      expect(found === undefined ? undefined : parsePosition(printPosition(found))).toEqual(found);
    }),
  );
});
