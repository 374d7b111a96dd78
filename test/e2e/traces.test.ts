/** A trace that a client began, through worker and relay, as a collector gets it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

interface ReceivedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const STATE = "vendor=one,other=two";

let collector: Server;
let bed: TestBed;
const spans: ReceivedSpan[] = [];
const bodies: string[] = [];
const tokens: (string | undefined)[] = [];

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

function attributesOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
}

function receive(text: string): void {
  bodies.push(text);
  for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
    const service = attributesOf(resource.attributes)["service.name"] ?? "";
    for (const span of scopeSpans[0].spans) {
      spans.push({ ...span, service, attributes: attributesOf(span.attributes) });
    }
  }
}

beforeAll(async () => {
  collector = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      tokens.push(request.headers.authorization);
      receive(text);
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => void collector.listen(0, "127.0.0.1", resolve));
  const { port } = collector.address() as AddressInfo;
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20collector-secret",
  };
  bed = await TestBed.open(variables);
  await bed.host("plant");
  await bed.relay("gw", ["plant"], { variables });
});

afterAll(async () => {
  await bed.close();
  collector.closeAllConnections();
  collector.close();
});

const until = (fits: (span: ReceivedSpan) => boolean) =>
  waitFor(15_000, async () => spans.find(fits));

test("each step of a call stands beneath the one that asked, in the client's trace", async () => {
  const client = await bed.client();
  await untilStatus(client, "gw/plant", "up");
  const value = { log_level: "debug", max: 7 };
  const traceparent = `00-${TRACE}-${SPAN}-01`;
  await client.call(
    "set_record",
    { record_name: "app.settings", value },
    {
      traceparent,
      tracestate: STATE,
    },
  );

  const tool = await until(
    ({ name, traceId }) => name === "tools/call set_record" && traceId === TRACE,
  );
  const link = await until(({ name, traceId }) => name === "link record.set" && traceId === TRACE);
  const device = await until(({ name, traceId }) => name === "record.set" && traceId === TRACE);

  expect(tool).toMatchObject({ service: "aimdb-remote", parentSpanId: SPAN });
  expect(link).toMatchObject({ service: "aimdb-remote", parentSpanId: tool?.spanId });
  expect(device).toMatchObject({ service: "aimdb-relay", parentSpanId: link?.spanId });
  expect([tool, link, device].map((span) => span?.traceState)).toEqual([STATE, STATE, STATE]);
  expect(device?.attributes).toMatchObject({
    "aimdb.outcome": "applied",
    "aimdb.instance": "plant",
  });
  const callId = tool?.attributes["aimdb.call_id"] ?? "none";
  expect(device?.attributes["aimdb.call_id"]?.startsWith(callId)).toBe(true);
});

test("a call of a client without a trace begins one", async () => {
  const client = await bed.client();
  await client.call("get_record", { record_name: "app.readonly" });

  const tool = await until(({ name }) => name === "tools/call get_record");
  expect(tool?.parentSpanId).toBeUndefined();
  const device = await until(
    ({ traceId, service }) => traceId === tool?.traceId && service === "aimdb-relay",
  );
  expect(device).toBeDefined();
});

test("a trace that its client does not want kept is not told", async () => {
  const client = await bed.client();
  const unsampled = TRACE.replaceAll("4", "5");
  const traceparent = `00-${unsampled}-${SPAN}-00`;
  await client.call("get_record", { record_name: "app.readonly" }, { traceparent });
  const before = spans.length;
  await client.call("list_records", {});
  await until(({ name }) => name === "tools/call list_records");

  expect(spans.length).toBeGreaterThan(before);
  expect(spans.some(({ traceId }) => traceId === unsampled)).toBe(false);
});

test("no argument, value or secret is in a span, and the collector's own token is in its header", () => {
  const text = bodies.join("\n");

  expect(text).not.toMatch(/debug|app\.|collector-secret|aimdb_pat/);
  expect(new Set(tokens)).toEqual(new Set(["Bearer collector-secret"]));
});
