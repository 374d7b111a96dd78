import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame, parseRelayFrame, parseWorkerFrame } from "#shared/link/frame.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import { MAX_FRAME_BYTES } from "#shared/link/limits.ts";
import { anyJson, anyRelayFrame, anyWorkerFrame } from "./frame-arbitraries.ts";
import { goldenFrames, isFromRelay, type FrameType } from "./golden-frames.ts";
import { anyCharacter } from "../../support/any-character.ts";

const VALID = goldenFrames("valid");
const INVALID = goldenFrames("invalid");
const REPLY = { t: "reply", id: "0".repeat(32), instance: "boiler" };

function parse(type: FrameType, text: string) {
  return isFromRelay(type) ? parseRelayFrame(text) : parseWorkerFrame(text);
}

describe("a frame", () => {
  test.each(VALID)("$type of $name is read and written the same", ({ type, frame }) => {
    const parsed = parse(type, JSON.stringify(frame));

    expect(parsed).toEqual({ ok: true, value: frame });
    expect(parsed.ok && JSON.parse(encodeFrame(parsed.value))).toEqual(frame);
  });

  test.each(INVALID)("$type with $name is malformed [F-2]", ({ type, frame }) => {
    expect(parse(type, JSON.stringify(frame))).toMatchObject({
      ok: false,
      error: { reason: "malformed" },
    });
  });

  test.each(VALID)("$type of $name is no frame of the other direction [F-2]", ({ type, frame }) => {
    const other = isFromRelay(type) ? parseWorkerFrame : parseRelayFrame;

    expect(other(JSON.stringify(frame))).toMatchObject({ ok: false });
  });

  test.each(VALID)("$type of $name is read without the fields nobody knows [F-1]", (golden) => {
    const { type, frame } = golden;
    const newer = { ...frame, trace: "a1", sent: { at: 1 } };

    expect(parse(type, JSON.stringify(newer))).toEqual({ ok: true, value: frame });
  });

  test("is read without the fields nobody knows in its parts [F-1]", () => {
    const versions = { min: 1, max: 1 };
    const hello = { t: "hello", versions, relay_version: "1", clock_ms: 0 };
    const newer = { ...hello, versions: { ...versions, preferred: 1 } };

    expect(parseRelayFrame(JSON.stringify(newer))).toEqual({ ok: true, value: hello });
  });
});

test("a reply has exactly one of ok and err [R-2]", () => {
  const replies = [{}, { ok: null }, { err: "busy" }, { ok: null, err: "busy" }];

  const accepted = replies.map(
    (reply) => parse("reply", JSON.stringify({ ...REPLY, ...reply })).ok,
  );

  expect(accepted).toEqual([false, true, true, false]);
});

test.each([
  ["nothing", ""],
  ["a word", "hello"],
  ["half a frame", '{"t":"cancel","id":'],
  ["two frames", '{"t":"cancel","id":""}{"t":"cancel","id":""}'],
  ["null", "null"],
  ["a number", "7"],
  ["a list", "[]"],
  ["an object without t", "{}"],
  ["an unknown t", '{"t":"sleep"}'],
  ["a t that every object has", '{"t":"constructor"}'],
  ["a t of another type", '{"t":["hello"]}'],
  ["a byte order mark", '\u{FEFF}{"t":"hello"}'],
  ["the heartbeat", HEARTBEAT_REQUEST],
  ["the heartbeat's answer", HEARTBEAT_RESPONSE],
])("no direction has a frame that is %s [F-2]", (_name, text) => {
  expect(parseRelayFrame(text)).toMatchObject({ ok: false, error: { reason: "malformed" } });
  expect(parseWorkerFrame(text)).toMatchObject({ ok: false, error: { reason: "malformed" } });
});

describe("the size of a frame", () => {
  const empty = JSON.stringify({ ...REPLY, ok: "" }).length;
  /** A reply of so many bytes, filled with a character. */
  const replyOf = (bytes: number, filler: string) => {
    const fillerBytes = Buffer.byteLength(filler);
    const rest = (bytes - empty) % fillerBytes;
    const fill = filler.repeat((bytes - empty - rest) / fillerBytes) + "x".repeat(rest);
    return JSON.stringify({ ...REPLY, ok: fill });
  };
  const FILLERS = [
    ["one byte", "x"] as const,
    ["two", "é"],
    ["three", "€"],
    ["four", "😀"],
  ] as const;

  test.each(FILLERS)("may be 1 MiB, in characters of %s [T-7]", (_name, filler) => {
    const text = replyOf(MAX_FRAME_BYTES, filler);

    expect(Buffer.byteLength(text)).toBe(MAX_FRAME_BYTES);
    expect(parseRelayFrame(text).ok).toBe(true);
  });

  test.each(FILLERS)("is refused a byte above, in characters of %s [T-7]", (_name, filler) => {
    const text = replyOf(MAX_FRAME_BYTES + 1, filler);

    expect(Buffer.byteLength(text)).toBe(MAX_FRAME_BYTES + 1);
    expect(parseRelayFrame(text)).toEqual({
      ok: false,
      error: { reason: "frame_too_large", limitBytes: MAX_FRAME_BYTES },
    });
  });

  test("is judged before the text is read", () => {
    expect(parseWorkerFrame("[".repeat(MAX_FRAME_BYTES + 1))).toMatchObject({
      error: { reason: "frame_too_large" },
    });
  });
});

test.each([
  ["18446744073709551615", "18446744073709551615"],
  ["-9007199254740992", "-9007199254740992"],
  ["9007199254740991", 9_007_199_254_740_991],
  ["1.5", 1.5],
])("a frame's integer %s is read as %j [F-4]", (literal, value) => {
  const text = JSON.stringify({ ...REPLY, ok: "here" }).replace('"here"', literal);

  expect(parseRelayFrame(text)).toMatchObject({ ok: true, value: { ok: value } });
});

test.each(VALID)("what is said of a broken $type of $name holds none of it [F-5]", (golden) => {
  const { type, frame } = golden;
  const secret = "hunter2";
  const texts = Object.keys(frame).map((field) =>
    JSON.stringify({ ...frame, [field]: { [secret]: secret } }),
  );

  const refused = [...texts, `${secret} ${texts[0]}`]
    .map((text) => parse(type, text))
    .filter(({ ok }) => !ok);

  expect(refused.length).toBeGreaterThan(1);
  expect(JSON.stringify(refused)).not.toContain(secret);
});

test("any relay frame is read as it was written", () => {
  fc.assert(
    fc.property(anyRelayFrame, (frame) => {
      expect(parseRelayFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame });
    }),
  );
});

test("any worker frame is read as it was written", () => {
  fc.assert(
    fc.property(anyWorkerFrame, (frame) => {
      expect(parseWorkerFrame(encodeFrame(frame))).toEqual({ ok: true, value: frame });
    }),
  );
});

describe("parsing never throws", () => {
  const parsed = (text: string) => [parseRelayFrame(text), parseWorkerFrame(text)];
  const TWO_ENDS = [{ ok: expect.any(Boolean) }, { ok: expect.any(Boolean) }];

  test("on any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCharacter }), fc.json()), (text) => {
        expect(parsed(text)).toMatchObject(TWO_ENDS);
      }),
    );
  });

  test("on a frame with anything in one of its fields", () => {
    fc.assert(
      fc.property(fc.constantFrom(...VALID), fc.nat(), anyJson, ({ frame }, at, value) => {
        const fields = Object.keys(frame);
        const damaged = { ...frame, [fields[at % fields.length] ?? "t"]: value };

        expect(parsed(JSON.stringify(damaged))).toMatchObject(TWO_ENDS);
      }),
    );
  });

  test("on a frame that is cut off", () => {
    fc.assert(
      fc.property(fc.oneof(anyRelayFrame, anyWorkerFrame), fc.nat(), (frame, at) => {
        const text = encodeFrame(frame);

        expect(parsed(text.slice(0, at % text.length))).toMatchObject(TWO_ENDS);
      }),
    );
  });

  test.each([
    ["that never close", "[".repeat(500_000)],
    ["that close", `${"[".repeat(400_000)}${"]".repeat(400_000)}`],
  ])("on hundreds of thousands of brackets %s", (_name, brackets) => {
    const nested = JSON.stringify({ ...REPLY, ok: 0 }).replace(/0\}$/, `${brackets}}`);

    expect(parsed(brackets)).toMatchObject(TWO_ENDS);
    expect(parsed(nested).map(({ ok }) => ok)).toHaveLength(2);
  });
});
