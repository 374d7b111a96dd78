import { describe, expect, test } from "vitest";
import type { JsonObject } from "#shared/json/json.ts";
import type { Span } from "#shared/trace/span.ts";
import { MAX_SPANS, SpanQueue } from "#shared/trace/span-queue.ts";

function spanOf(more: Partial<Span> = {}): Span {
  return {
    context: { traceId: "a".repeat(32), spanId: "b".repeat(16), isSampled: true },
    name: "record.get",
    kind: "server",
    startedAtMs: 1_000.25,
    endedAtMs: 1_002,
    attributes: { "aimdb.instance": "plant" },
    outcome: "ok",
    ...more,
  };
}

function begin(fails = false) {
  const sent: JsonObject[] = [];
  const lost: [number, string][] = [];
  const held: Promise<void>[] = [];
  const waits: (() => void)[] = [];
  const queue = new SpanQueue({
    resource: { "service.name": "aimdb-relay" },
    send: async (body) => {
      if (fails) throw new Error("the collector answered 503");
      sent.push(body);
    },
    wait: () => new Promise<void>((resolve) => waits.push(resolve)),
    hold: (work) => held.push(work),
    onLost: (count, reason) => lost.push([count, reason]),
  });
  const flush = async () => {
    for (const go of waits.splice(0)) go();
    await Promise.all(held);
  };
  return { queue, sent, lost, held, flush };
}

describe("the span queue", () => {
  test("sends a second's spans together, in OTLP's JSON", async () => {
    const { queue, sent, held, flush } = begin();
    queue.note(spanOf());
    queue.note(
      spanOf({
        context: { traceId: "a".repeat(32), spanId: "b".repeat(16), isSampled: true, state: "v=1" },
        parentSpanId: "c".repeat(16),
        kind: "client",
        outcome: "link_lost",
      }),
    );
    expect(held).toHaveLength(1);
    await flush();

    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const common = {
      traceId: "a".repeat(32),
      spanId: "b".repeat(16),
      flags: 1,
      name: "record.get",
      startTimeUnixNano: "1000250000",
      endTimeUnixNano: "1002000000",
    };
    const instance = attribute("aimdb.instance", "plant");
    expect(sent).toEqual([
      {
        resourceSpans: [
          {
            resource: { attributes: [attribute("service.name", "aimdb-relay")] },
            scopeSpans: [
              {
                scope: { name: "aimdb-remote" },
                spans: [
                  { ...common, kind: 2, attributes: [instance, attribute("aimdb.outcome", "ok")] },
                  {
                    ...common,
                    kind: 3,
                    parentSpanId: "c".repeat(16),
                    traceState: "v=1",
                    attributes: [
                      instance,
                      attribute("aimdb.outcome", "link_lost"),
                      attribute("error.type", "link_lost"),
                      attribute("aimdb.source", "link"),
                    ],
                    status: { code: 2, message: "link_lost" },
                  },
                ],
              },
            ],
          },
        ],
      },
    ]);
  });

  test("keeps none that the beginner of its trace does not want", () => {
    const { queue, held } = begin();
    const { context } = spanOf();
    queue.note(spanOf({ context: { ...context, isSampled: false } }));

    expect(held).toEqual([]);
  });

  test("is bounded, and says what it gave up", async () => {
    const { queue, lost, flush } = begin();
    for (let n = 0; n < MAX_SPANS + 3; n += 1) queue.note(spanOf());
    await flush();

    expect(lost).toEqual([[3, "more came at once than are kept"]]);
  });

  test("gives up what the collector did not take, and goes on", async () => {
    const { queue, lost, flush } = begin(true);
    queue.note(spanOf());
    await flush();
    queue.note(spanOf());
    await flush();

    expect(lost).toEqual([
      [1, "the collector answered 503"],
      [1, "the collector answered 503"],
    ]);
  });
});
