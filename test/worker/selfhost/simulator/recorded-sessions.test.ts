import { expect, test } from "vitest";
import {
  demoRecords,
  temperature,
} from "../../../../worker/selfhost/simulator/database/demo-records.ts";
import type { AimxVersion } from "../../../../worker/selfhost/simulator/host-config.ts";
import { readValue } from "../../../../worker/selfhost/simulator/json/struct-reader.ts";
import { isList, isObject } from "../../../../worker/selfhost/simulator/json/value.ts";
import type { Value } from "../../../../worker/selfhost/simulator/json/value.ts";
import { DrivenHost } from "./driven-host.ts";
import { readRecordedSession, RECORDED_SESSIONS, SENT_LINE_LIMIT } from "./recorded-session.ts";
import type { RecordedSessionName, RecordedStep } from "./recorded-session.ts";

type Recording = {
  readonly aimx: AimxVersion;
  /** The crate of the recorded host, which error texts contain. */
  readonly crate: string;
  /** When its two sources produced, on the recording's own time axis. */
  readonly temperatureAtMs: number;
  readonly statusAtMs: number;
};

const RECORDINGS: Record<RecordedSessionName, Recording> = {
  "v1-core-1.1.0": { aimx: "1.0", crate: "host11", temperatureAtMs: 3444, statusAtMs: 3939 },
  "v2-main-2026-08-13": { aimx: "2.0", crate: "hostv2", temperatureAtMs: 4292, statusAtMs: 4265 },
  "v3-main-2026-08-21": { aimx: "3.0", crate: "hosth", temperatureAtMs: 4068, statusAtMs: 4059 },
};

/** Measured in the recordings. */
const TEMPERATURE_PERIOD_MS = 501.5;
const STATUS_PERIOD_MS = 1001;
/** The recorded client waited that long for an answer before its next line. */
const PATIENCE_MS = 80;
const HOST_STARTED_AT_MS = -4000;

test("no recorded request was cut", () => {
  const sent = RECORDED_SESSIONS.flatMap((name) => readRecordedSession(name))
    .filter(({ type }) => type === "sent")
    .map((step) => (step.type === "sent" ? step.text.length : 0));

  expect(Math.max(...sent)).toBeLessThan(SENT_LINE_LIMIT);
});

test.each(RECORDED_SESSIONS)("the simulator answers like the recorded host: %s", (name) => {
  const steps = readRecordedSession(name);

  const answers = replay(RECORDINGS[name], steps);

  const recorded = steps.filter(({ type }) => type !== "sent");
  expect(answers.map(shapeOf)).toEqual(
    recorded.map((step) => shapeOf(step.type === "received" ? step.text : "<closed>")),
  );
});

/** Sends the recorded lines at the recorded times to a host whose sources run in phase. */
function replay(recording: Recording, steps: readonly RecordedStep[]): readonly string[] {
  const { aimx, crate } = recording;
  const host = new DrivenHost({
    aimx,
    records: demoRecords(crate),
    // The recorded hosts had a key in their policy that no record has.
    config: { phantomWritableKeys: ["no.such.record"] },
  });
  const drive = driverOf(host, recording);
  const peer = host.connect();
  const answers: string[] = [];
  for (const [index, step] of steps.entries()) {
    if (step.type === "sent") {
      drive(sendingTimes(steps)[index] ?? 0);
      answers.push(...peer.take(), ...peer.ask(step.text));
    } else if (step.type === "ended") {
      drive(step.atMs);
      answers.push(...peer.take(), ...peer.end());
    }
  }
  return answers;
}

/**
 * The recording has no times for what was sent. A line that was answered at once was sent then;
 * another one a moment after the one before, and never before an event that stands above it.
 */
function sendingTimes(steps: readonly RecordedStep[]): readonly number[] {
  const times: number[] = [];
  let atMs = 0;
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1];
    if (step.type !== "sent") {
      atMs = Math.max(atMs, step.atMs);
    } else if (next?.type === "received" && isAnswer(step.text, next.text)) {
      atMs = next.atMs - 1;
    } else {
      atMs += PATIENCE_MS;
    }
    times.push(atMs);
  }
  return times;
}

function isAnswer(sent: string, received: string): boolean {
  const id = /"id":(\d+)/.exec(sent)?.[1];
  return (
    received.includes(`"id":${id},`) ||
    received.includes('"id":0,') ||
    received.startsWith('{"version"') ||
    received.startsWith(`{"t":"snap","seq":1,`) ||
    (sent === '{"t":"ping"}' && received === '{"t":"pong"}')
  );
}

/** Advances the host to a time of the recording and produces what fell due on the way. */
function driverOf(host: DrivenHost, recording: Recording): (atMs: number) => void {
  let nowMs = HOST_STARTED_AT_MS;
  const goTo = (atMs: number): void => {
    host.advanceMs(atMs - nowMs);
    nowMs = atMs;
  };
  const temperatures = ticks(recording.temperatureAtMs, TEMPERATURE_PERIOD_MS);
  const statuses = ticks(recording.statusAtMs, STATUS_PERIOD_MS);
  const due = [
    ...temperatures.map((atMs, n) => ({
      atMs,
      run: () => {
        host.produce("sensor.temp", temperature(n, host.nowMs));
      },
    })),
    ...statuses.map((atMs, n) => ({
      atMs,
      run: () => {
        host.produce("sensor.locked", { up: n });
      },
    })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  return (atMs) => {
    for (let next = due[0]; next !== undefined && next.atMs <= atMs; next = due[0]) {
      due.shift();
      goTo(next.atMs);
      next.run();
    }
    goTo(atMs);
  };
}

function ticks(someTickMs: number, periodMs: number): readonly number[] {
  const first = someTickMs - Math.floor((someTickMs - HOST_STARTED_AT_MS) / periodMs) * periodMs;
  return Array.from({ length: 30 }, (_, n) => first + n * periodMs);
}

/**
 * What must be the same: every key in its order, every type down to integer or float, every text and
 * every count of frames. What moves on any host (samples, times, counters) becomes its kind.
 *
 * One thing cannot be reproduced: hosts keep some keys in hash maps, so the order of
 * `graph.topo_order` and of a tagged welcome's `writable_records` differs from start to start.
 */
function shapeOf(line: string): unknown {
  const read = readValue(line);
  const isTagged = line.startsWith('{"t"');
  const unordered = isTagged ? ["ok", "writable_records"] : ["result"];
  return read.ok ? shapeOfValue(read.value, "", unordered) : line;
}

const MOVING_INTEGER =
  /^(timestamp|stored_at|ts|up|.*_time_ns|call_count|(produced|consumed)_count)$/;
const TIME = /^\d+\.\d{9}$/;
const TYPE_ID = /^TypeId\(0x[0-9a-f]{32}\)$/;

function shapeOfValue(value: Value, key: string, unordered: readonly string[]): unknown {
  if (isObject(value)) {
    return Object.entries(value).map(([name, inner]) => [
      name,
      shapeOfValue(inner, name, unordered),
    ]);
  }
  if (isList(value)) {
    const isSet = unordered.includes(key) && value.every((item) => typeof item === "string");
    const items = isSet ? value.toSorted() : value;
    return items.map((item) => shapeOfValue(item, "", unordered));
  }
  if (typeof value === "number") return "float";
  if (typeof value === "bigint") return MOVING_INTEGER.test(key) ? "integer" : value;
  if (typeof value === "string") {
    if (TIME.test(value)) return "time";
    if (TYPE_ID.test(value)) return "type id";
    if (key === "sensor_id") return value.replace(/\d$/, "n");
  }
  return value;
}
