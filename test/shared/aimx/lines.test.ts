import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "#shared/aimx/lines.ts";

const encoder = new TextEncoder();

function split(chunks: Uint8Array[], limitBytes = 1024) {
  const lines: string[] = [];
  const splitter = new LineSplitter(limitBytes);
  const failures = chunks.map((chunk) => {
    const failure = splitter.push(chunk, (line) => lines.push(line));
    // Whoever reads into one buffer has the next bytes in it.
    chunk.fill(0);
    return failure;
  });
  return { lines, failure: failures.find((f) => f !== undefined), rest: splitter.rest() };
}

function cut(bytes: Uint8Array, at: number[]): Uint8Array[] {
  const points = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return points.slice(1).map((end, i) => bytes.slice(points[i], end));
}

test("LineSplitter gives the same lines however the bytes arrive", () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, ""));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat()), (lines, at) => {
      const bytes = encoder.encode(lines.map((text) => `${text}\n`).join(""));
      expect(split(cut(bytes, at), 1_000_000).lines).toEqual(lines);
    }),
  );
});

test("LineSplitter drops the carriage return before a newline", () => {
  expect(split([encoder.encode("a\r\nb\n")]).lines).toEqual(["a", "b"]);
});

test("LineSplitter keeps the last line that lacks a newline as rest", () => {
  expect(split([encoder.encode("a\nb")])).toMatchObject({ lines: ["a"], rest: "b" });
});

test.each([
  ["in one chunk with its newline", ["aaaaa\n"]],
  ["in one chunk without", ["aaaaa"]],
  ["byte by byte", ["a", "a", "a", "a", "a"]],
  ["behind a good line", ["b\naaaaa"]],
])("LineSplitter refuses a line over the limit %s", (_name, chunks) => {
  const { failure } = split(
    chunks.map((text) => encoder.encode(text)),
    4,
  );
  expect(failure).toEqual({ reason: "line_too_long", limitBytes: 4 });
});

test("LineSplitter takes a line of exactly the limit", () => {
  expect(split([encoder.encode("aaaa\n")], 4)).toMatchObject({
    lines: ["aaaa"],
    failure: undefined,
  });
});
