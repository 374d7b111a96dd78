/** What a host sends: lines, greetings, frames and answers of every version. */
import fc from "fast-check";
import { AimxConnection, type AimxEvent } from "#shared/aimx/connection.ts";
import type { Dialect } from "#shared/aimx/dialect.ts";
import { readGreeting } from "#shared/aimx/greeting.ts";
import type { HostRequest } from "#shared/aimx/host-request.ts";
import { LineSplitter } from "#shared/aimx/lines.ts";
import { aimx2, aimx3 } from "#shared/aimx/tagged.ts";
import { aimx1 } from "#shared/aimx/v1.ts";
import { isJsonObject, parseJson, type JsonValue } from "#shared/json/json.ts";
import { readRecordedSession, RECORDED_SESSIONS } from "../support/hosts/recorded-session.ts";
import { anyBytes, anyMutant, anyText } from "./mutations.ts";
import { property, type Property } from "./property.ts";

const DIALECTS: readonly Dialect[] = [aimx1, aimx2, aimx3];

const SESSIONS = Object.values(RECORDED_SESSIONS).map((file) =>
  readRecordedSession(file).flatMap(({ direction, text }) =>
    direction === "received" ? [text] : [],
  ),
);
const LINES = SESSIONS.flat();
const WELCOMES = SESSIONS.flatMap((lines) => lines.slice(0, 1));
const FRAMES: readonly JsonValue[] = LINES.map((line) => parseJson(line));
const BODIES: readonly JsonValue[] = FRAMES.flatMap((frame) => {
  const body = isJsonObject(frame) ? (frame["ok"] ?? frame["result"]) : undefined;
  return body === undefined ? [] : [body];
});

/** Everything a relay asks, of one dialect. */
function requestsOf(dialect: Dialect): readonly HostRequest<unknown>[] {
  return [
    dialect.list(),
    dialect.get("a"),
    dialect.set("a", 1),
    dialect.subscribe("a"),
    dialect.unsubscribe("2"),
    dialect.drain("a"),
    dialect.query({ pattern: "a" }),
    dialect.graphNodes(),
    dialect.graphEdges(),
    dialect.graphOrder(),
  ];
}

const REQUEST_COUNT = requestsOf(aimx3).length;

const anyStream = fc.record({
  welcome: fc.constantFrom(...WELCOMES),
  lines: fc.array(
    fc.oneof(
      anyBytes(LINES),
      anyMutant(FRAMES).map((frame) => Buffer.from(JSON.stringify(frame))),
    ),
    { maxLength: 8 },
  ),
  chunkBytes: fc.integer({ min: 1, max: 5_000 }),
});

/** Objects have these without anybody having put them there. */
const anyCode = fc.oneof(fc.string(), fc.constantFrom("constructor", "toString", "__proto__"));

export const AIMX_PROPERTIES: readonly Property[] = [
  property(
    "LineSplitter gives the same lines in whatever pieces they come",
    { inputs: fc.tuple(anyBytes(LINES), fc.integer({ min: 1, max: 64 })), runs: 400 },
    ([bytes, chunkBytes]) => {
      const inPieces = splitAll(piecesOf(bytes, chunkBytes));
      const atOnce = splitAll([bytes]);
      if (inPieces.join("\n") !== atOnce.join("\n"))
        throw new Error("The pieces made a difference");
    },
  ),
  property(
    "AimxConnection settles each request once, and says nothing after its end, whatever a host sends",
    { inputs: anyStream, runs: 1_500 },
    ({ welcome, lines, chunkBytes }) => {
      const connection = new AimxConnection({
        form: "hybrid",
        client: "fuzz",
        helloDeadlineMs: 10,
      });
      const events = connection.receive(Buffer.from(`${welcome}\n`));
      const settled = Array.from({ length: REQUEST_COUNT }, () => 0);
      for (let index = 0; index < REQUEST_COUNT; index += 1) {
        const settle = () => {
          settled[index] = (settled[index] ?? 0) + 1;
        };
        connection.request((dialect) => requestsOf(dialect)[index] ?? dialect.list(), 20, settle);
      }
      const stream = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
      for (const piece of piecesOf(stream, chunkBytes)) events.push(...connection.receive(piece));
      events.push(...connection.expire(20), ...connection.end(), ...connection.end());
      expectOneEnd(events);
      if (settled.some((count) => count !== 1)) throw new Error(`Settled: ${settled.join()}`);
    },
  ),
  property(
    "readGreeting reads any line",
    { inputs: fc.oneof(anyText(WELCOMES), anyMutant(FRAMES).map(toText)), runs: 1_500 },
    (line) => {
      const { type } = readGreeting(line);
      if (!["welcome", "refused", "foreign"].includes(type)) throw new Error(type);
    },
  ),
  property(
    "every dialect decodes any line",
    { inputs: fc.oneof(anyText(LINES), anyMutant(FRAMES).map(toText)), runs: 2_000 },
    (line) => {
      for (const dialect of DIALECTS) dialect.decode(line);
    },
  ),
  property(
    "every request reads any answer and explains any refusal",
    { inputs: fc.tuple(anyMutant(BODIES), anyCode, fc.string()), runs: 1_000 },
    ([body, code, message]) => {
      for (const request of DIALECTS.flatMap(requestsOf)) {
        const parsed = request.parse(5, body);
        if (!parsed.ok && parsed.error.message === "") throw new Error("It failed without a word");
        if (request.explain({ code, message }).message === "") throw new Error("No explanation");
      }
    },
  ),
];

function toText(value: JsonValue): string {
  return JSON.stringify(value);
}

function splitAll(chunks: readonly Uint8Array[]): string[] {
  const splitter = new LineSplitter(MAX_LINE_OF_TEST);
  const lines: string[] = [];
  for (const chunk of chunks) {
    if (splitter.push(chunk, (line) => lines.push(line)) !== undefined)
      return [...lines, "too long"];
  }
  return [...lines, splitter.rest()];
}

const MAX_LINE_OF_TEST = 100_000;

function piecesOf(bytes: Buffer, chunkBytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
}

function expectOneEnd(events: readonly AimxEvent[]): void {
  const ends = events.filter(({ type }) => type === "closed");
  if (ends.length !== 1 || events.at(-1)?.type !== "closed") {
    throw new Error(`Events: ${events.map(({ type }) => type).join()}`);
  }
}
