import { expect, test } from "vitest";
import { beginToolTrace } from "../../../worker/trace/tool-trace.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const traceparent = `00-${TRACE}-${SPAN}-01`;

const begin = (_meta: Record<string, unknown>) =>
  beginToolTrace({ params: { name: "get_record", _meta } }, undefined);

test("a call continues its client's trace, with its state", () => {
  expect(begin({ traceparent, tracestate: "vendor=a" })).toMatchObject({
    traceId: TRACE,
    parentSpanId: SPAN,
    state: "vendor=a",
  });
});

test.each(["no state at all", `vendor=${"x".repeat(600)}`, 7, null, { a: 1 }])(
  "a trace whose state is %j goes on without it",
  (tracestate) => {
    const trace = begin({ traceparent, tracestate });

    expect(trace).toMatchObject({ traceId: TRACE, parentSpanId: SPAN });
    expect(trace).not.toHaveProperty("state");
  },
);

test("a state without a trace begins none", () => {
  expect(begin({ tracestate: "vendor=a" })).toBeUndefined();
});
