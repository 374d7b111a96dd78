import { describe, expect, test } from "vitest";
import type { Request } from "#shared/link/request.ts";
import type { Span } from "#shared/trace/span.ts";
import { ServedSpans } from "../../../relay/trace/served-spans.ts";
import { beginServing } from "../support/begun-serving.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function requestWith(traceparent?: string, tracestate?: string): Request {
  return {
    t: "req",
    id: "3f2a9c4be17d5068a1b2c3d4e5f60718",
    instance: "boiler",
    principal: "ann",
    deadline_ms: 1_000,
    method: "record.list",
    params: {},
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  };
}

function begin() {
  const noted: Span[] = [];
  const queue = { note: (span: Span) => void noted.push(span) };
  const spans = new ServedSpans(queue, new ManualClock(), () => "b".repeat(16));
  return { spans, noted };
}

test("a call of a trace is a step beneath its question", () => {
  const { spans, noted } = begin();
  spans.note(requestWith(PARENT), "ok", 7);

  expect(noted).toMatchObject([
    {
      context: { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "b".repeat(16) },
      parentSpanId: "00f067aa0ba902b7",
      name: "record.list",
      outcome: "ok",
    },
  ]);
  const [span] = noted;
  expect((span?.endedAtMs ?? 0) - (span?.startedAtMs ?? 0)).toBe(7);
});

test("a call's step has the state of its trace, where that is one", () => {
  const { spans, noted } = begin();
  spans.note(requestWith(PARENT, "vendor=a"), "ok", 7);
  spans.note(requestWith(PARENT, "no state at all"), "ok", 7);

  expect(noted.map(({ context }) => context.state)).toEqual(["vendor=a", undefined]);
});

test("a call of no trace is told to nobody", () => {
  const { spans, noted } = begin();
  spans.note(requestWith(), "ok", 7);
  spans.note(requestWith("00-short"), "ok", 7);

  expect(noted).toEqual([]);
});

describe("a call is answered alike [R-18]", () => {
  test.each([
    [undefined, undefined],
    [PARENT, undefined],
    [PARENT, "vendor=a"],
    [PARENT, "no state at all"],
    [undefined, "vendor=a"],
    ["no trace at all", undefined],
  ])("with the traceparent %s and the tracestate %s", async (traceparent, tracestate) => {
    const { spans } = begin();
    const { server } = await beginServing({ spans });

    const reply = await server.handle(requestWith(traceparent, tracestate), 0);

    expect(reply?.ok).toMatchObject({ total: expect.any(Number) });
  });
});
