import fc from "fast-check";
import { expect, test } from "vitest";
import { LineBuffer } from "../../../../../worker/selfhost/simulator/wire/lines.ts";
import type { Line } from "../../../../../worker/selfhost/simulator/wire/lines.ts";

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function all(lines: LineBuffer): readonly Line[] {
  const found: Line[] = [];
  for (let line = lines.next(); line !== undefined; line = lines.next()) found.push(line);
  return found;
}

test("a line buffer keeps a half line until its newline", () => {
  const lines = new LineBuffer();
  lines.push(bytes("one\ntw"));
  expect(all(lines)).toEqual([{ type: "line", text: "one" }]);

  lines.push(bytes("o\n"));

  expect(all(lines)).toEqual([{ type: "line", text: "two" }]);
});

test("a line buffer gives the half line out where the peer ends", () => {
  const lines = new LineBuffer();
  lines.push(bytes("half"));
  lines.endHalf();

  expect(all(lines)).toEqual([{ type: "line", text: "half" }]);
});

test("a line buffer can lose the half line and nothing else", () => {
  const lines = new LineBuffer();
  lines.push(bytes("whole\nha"));
  lines.dropHalf();
  lines.push(bytes("lf\n"));

  expect(all(lines)).toEqual([
    { type: "line", text: "whole" },
    { type: "line", text: "lf" },
  ]);
});

test("a line buffer reports what is not UTF-8 and reads on", () => {
  const lines = new LineBuffer();
  lines.push(new Uint8Array([0xff, 0x0a, 0x61, 0x0a]));

  expect(all(lines)).toEqual([{ type: "not_utf8" }, { type: "line", text: "a" }]);
});

test("a line buffer gives the same lines however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(20)), (text, sizes) => {
      const whole = bytes(`${text}\n`);
      const lines = new LineBuffer();
      let at = 0;
      for (const size of sizes) {
        lines.push(whole.subarray(at, at + size));
        at += size;
      }
      lines.push(whole.subarray(at));

      expect(all(lines)).toEqual(text.split("\n").map((line) => ({ type: "line", text: line })));
    }),
  );
});
