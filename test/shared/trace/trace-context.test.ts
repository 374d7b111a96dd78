import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  parseTraceparent,
  readTrace,
  toTraceparent,
  writeTrace,
} from "#shared/trace/trace-context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test("a traceparent is read and written as the recommendation has it", () => {
  const text = `00-${TRACE}-${SPAN}-01`;

  expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true });
  expect(toTraceparent({ traceId: TRACE, spanId: SPAN, isSampled: true })).toBe(text);
});

test("a trace is carried with its state, and without what is none", () => {
  const traceparent = `00-${TRACE}-${SPAN}-01`;
  const carry = (tracestate?: unknown) => {
    const context = readTrace({ traceparent, tracestate });
    return context === undefined ? undefined : writeTrace(context);
  };

  expect(carry("vendor=a")).toEqual({ traceparent, tracestate: "vendor=a" });
  expect(carry("Vendor")).toEqual({ traceparent });
  expect(carry(7)).toEqual({ traceparent });
  expect(readTrace({ traceparent: "none", tracestate: "vendor=a" })).toBeUndefined();
});

test("a later version is read by what version 00 knows of it", () => {
  expect(parseTraceparent(`01-${TRACE}-${SPAN}-00-more`)).toMatchObject({ isSampled: false });
});

test.each([
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}`,
  ` 00-${TRACE}-${SPAN}-01`,
  `01-${TRACE}-${SPAN}-00-${"x".repeat(1_000)}`,
  "",
  undefined,
  7,
  ["00"],
])("%j is none", (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test("whatever comes, what is read is what is written", () => {
  const isStable = (value: unknown) => {
    const context = parseTraceparent(value);
    return (
      context === undefined ||
      toTraceparent(parseTraceparent(toTraceparent(context)) ?? context) === toTraceparent(context)
    );
  };
  const anything = fc.property(fc.oneof(fc.string(), fc.anything()), isStable);

  expect(() => fc.assert(anything)).not.toThrow();
});
