import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import { MAX_FRAME_BYTES } from "#shared/link/limits.ts";
import { FORGET_PARTS, PART_LENGTH, PartsIn, PartsOut } from "#shared/link/parts.ts";
import { anyCharacter } from "../../support/any-character.ts";

function partsOf(text: string): string[] {
  const out = new PartsOut(text);
  const parts: string[] = [];
  while (!out.isDone) parts.push(out.next());
  return parts;
}

const longText = fc
  .string({ unit: anyCharacter, minLength: 1, maxLength: 3_000 })
  .chain((text) => fc.integer({ min: 1, max: 20 }).map((times) => text.repeat(times)));
const short = encodeFrame({ t: "drain" });

const TOO_LARGE = { ok: false, error: { reason: "frame_too_large" } };

describe("a frame in parts", () => {
  test("arrives as it was, whatever it holds and whatever comes between [P-1] [P-2]", () => {
    fc.assert(
      fc.property(longText, (text) => {
        const into = new PartsIn();
        const arrived = partsOf(text).flatMap((part) => [into.take(part), into.take(short)]);

        const values = arrived.flatMap((one) => (one.ok ? [one.value] : []));
        expect(values.filter(({ type }) => type === "frame")).toEqual([{ type: "frame", text }]);
        expect(values.filter(({ type }) => type === "message")).toHaveLength(arrived.length / 2);
        expect(into.isWaiting).toBe(false);
      }),
    );
  });

  test("has parts that are texts by themselves, and short [P-3]", () => {
    fc.assert(
      fc.property(longText, (text) => {
        for (const part of partsOf(text)) {
          expect(part.length).toBeLessThanOrEqual(PART_LENGTH + 2);
          expect(/^[\uDC00-\uDFFF]/.test(part.slice(1))).toBe(/^[\uDC00-\uDFFF]/.test(text));
        }
      }),
    );
  });

  test("is forgotten where it is taken back, and the next one whole [P-4]", () => {
    const into = new PartsIn();
    const [first = ""] = partsOf("x".repeat(2 * PART_LENGTH));
    into.take(first);

    expect(into.take(FORGET_PARTS)).toEqual({ ok: true, value: { type: "forgotten" } });
    expect(into.isWaiting).toBe(false);
    expect(into.take("=next")).toEqual({ ok: true, value: { type: "frame", text: "next" } });
  });

  test("is refused where it is longer than a frame may be, in bytes [P-5]", () => {
    const texts = ["x".repeat(MAX_FRAME_BYTES + 1), "€".repeat(MAX_FRAME_BYTES / 3 + 1)];
    const ends = texts.map((text) => {
      const into = new PartsIn();
      return partsOf(text)
        .map((part) => into.take(part))
        .at(-1);
    });

    expect(ends).toMatchObject([TOO_LARGE, TOO_LARGE]);
  });

  test("is refused in thousands of parts, and what came is let go [P-5]", () => {
    const into = new PartsIn();
    const answers = Array.from({ length: 5_000 }, () => into.take("+"));

    expect(answers.findIndex(({ ok }) => !ok)).toBe(512);
    expect(into.take("=a")).toMatchObject({ ok: true, value: { type: "frame" } });
  });
});
