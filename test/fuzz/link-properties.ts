/** What crosses a link, in both directions, and what either end makes of it. */
import fc from "fast-check";
import { CallingFleet } from "#shared/fleet/calling-fleet.ts";
import type { FleetCalls } from "#shared/fleet/calling-fleet.ts";
import { isJsonObject, parseJson, type JsonValue } from "#shared/json/json.ts";
import {
  encodeFrame,
  parseRelayFrame,
  parseWorkerFrame,
  type FrameError,
} from "#shared/link/frame.ts";
import { METHODS, methodSchema, type Method } from "#shared/link/method.ts";
import { ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { step, type Session } from "../../worker/relay/link/session.ts";
import { PlayedCalls, SESSION_START_MS } from "../shared/support/played-calls.ts";
import { goldenFrames, isFromRelay } from "../shared/link/golden-frames.ts";
import { fences } from "../shared/link/protocol-document.ts";
import { anyMutant, anyText } from "./mutations.ts";
import { property, type Property } from "./property.ts";

const GOLDEN = [...goldenFrames("valid"), ...goldenFrames("invalid")];
const FRAMES: readonly JsonValue[] = GOLDEN.map(({ frame }) => parseJson(JSON.stringify(frame)));
const TEXTS = FRAMES.map(toText);
const FROM_RELAY = GOLDEN.flatMap(({ type, frame }) =>
  isFromRelay(type) ? [parseJson(JSON.stringify(frame))] : [],
);

/** PROTOCOL.md has an example of each. */
function examplesOf(what: "params" | "result", method: Method): readonly JsonValue[] {
  return fences().flatMap(({ info, content }) => {
    if (!info.endsWith(` ${what} ${method}`)) return [];
    const texts = info.startsWith("jsonl") ? content.split("\n") : [content];
    return texts.filter((text) => text.trim() !== "").map((text) => parseJson(text));
  });
}

/** In a log or an answer a problem is a line, whatever the frame was. */
const MAX_PROBLEM_LENGTH = 300;

type Parsed = Result<Parameters<typeof encodeFrame>[0], FrameError>;

function readsAny(name: string, parse: (text: string) => Parsed): Property {
  const inputs = fc.oneof(anyText(TEXTS), anyMutant(FRAMES).map(toText));
  return property(`${name} reads any text`, { inputs, runs: 2_500 }, (text) => {
    const parsed = parse(text);
    if (!parsed.ok) {
      const { error } = parsed;
      const length = error.reason === "malformed" ? error.problem.length : 0;
      if (length > MAX_PROBLEM_LENGTH) throw new Error(`A problem of ${length} characters`);
      return;
    }
    const encoded = encodeFrame(parsed.value);
    const again = parse(encoded);
    if (!again.ok || encodeFrame(again.value) !== encoded) throw new Error("Read otherwise again");
  });
}

/** A fleet has no listeners. */
type Asked = Exclude<Method, "samples.watch">;
const ASKED = methodSchema.options.filter((method): method is Asked => method !== "samples.watch");

const anyMethodAnswer: fc.Arbitrary<{ method: Asked; value: JsonValue }> = fc
  .constantFrom(...ASKED)
  .chain((method) => {
    const examples = examplesOf("result", method);
    return anyMutant(examples.length === 0 ? [{}] : examples).map((value) => ({ method, value }));
  });

const OFFLINE: Session = { name: "offline", sinceMs: null, hasLeft: false };

export const LINK_PROPERTIES: readonly Property[] = [
  readsAny("parseRelayFrame", parseRelayFrame),
  readsAny("parseWorkerFrame", parseWorkerFrame),
  property(
    "a session stands whatever its relay says, and ends where it must",
    { inputs: fc.array(anyMutant(FROM_RELAY).map(toText), { maxLength: 6 }), runs: 1_000 },
    (texts) => {
      let session = step(OFFLINE, { type: "accepted" }, 0).session;
      for (const text of texts) {
        const parsed = parseRelayFrame(text);
        const event = parsed.ok
          ? ({ type: "frame", frame: parsed.value, newId: () => "s" } as const)
          : ({ type: "malformed", reason: parsed.error.reason } as const);
        const next = step(session, event, 1);
        if (!parsed.ok && next.session.name !== "offline") throw new Error("It went on");
        session = next.session;
      }
    },
  ),
  property(
    "parameters of any form are taken or refused",
    {
      inputs: fc.constantFrom(...methodSchema.options).chain((method) => {
        const examples = examplesOf("params", method);
        const mutants = anyMutant(examples.length === 0 ? [{}] : examples);
        return mutants.map((params) => ({ method, params }));
      }),
      runs: 1_500,
    },
    ({ method, params }) => {
      safeParse(METHODS[method].params, params);
    },
  ),
  property(
    "a fleet gives a value or a failure for any answer of a relay",
    { inputs: anyMethodAnswer, runs: 1_500 },
    async ({ method, value }) => {
      const outcome: unknown = await ask(method, fleetAnswering(value));
      if (typeof outcome !== "object" || outcome === null) throw new Error("No outcome");
      // What a tool makes of it is JSON.
      const text = JSON.stringify(outcome);
      if (!isJsonObject(JSON.parse(text))) throw new Error(text);
    },
  ),
];

function toText(value: JsonValue): string {
  return JSON.stringify(value);
}

function fleetAnswering(value: JsonValue): CallingFleet {
  const calls: FleetCalls = new (class extends PlayedCalls {
    override call() {
      return Promise.resolve(ok({ value, sessionStartedAtMs: SESSION_START_MS }));
    }
  })();
  return new CallingFleet(calls);
}

const WRITE = {
  value: 1,
  isDryRun: false,
  skipsValidation: false,
  asks: { form: false, url: false },
};

function ask(method: Asked, fleet: CallingFleet): Promise<unknown> {
  const [instance, record] = ["gw/plant", "a"];
  switch (method) {
    case "record.list":
      return fleet.listRecords(instance, { offset: 0, limit: 10, writableOnly: false });
    case "record.get":
      return fleet.getRecord(instance, record);
    case "record.get_many":
      return fleet.getRecords(instance, [record]);
    case "record.set":
      return fleet.setRecord(instance, { ...WRITE, record });
    case "record.schema":
      return fleet.schema(instance, { record, includeExample: true });
    case "samples.history":
      return fleet.history(instance, { record, maxPoints: 10, maxBytes: 10_000 });
    case "samples.read":
    case "record.drain":
      return fleet.watch(instance, { record, waitMs: 0 });
    case "graph.get":
      return fleet.graph(instance, { offset: 0, limit: 10 });
    case "diagnostics.get":
      return fleet.diagnostics(instance, {});
    case "diagnostics.reset":
      return fleet.resetDiagnostics(instance, { what: "buffer_metrics" });
  }
}
