/** One record of a running host: its buffer, its counters and what was last written. */

import { ok } from "#shared/result.ts";
import type { Result } from "#shared/result.ts";
import { declaredText, decode } from "../json/shape.ts";
import type { Misfit } from "../json/shape.ts";
import { sortedText } from "../json/text.ts";
import type { Value } from "../json/value.ts";
import { Counters } from "./buffer.ts";
import type { Buffer, Sample } from "./buffer.ts";
import { Mailbox } from "./mailbox.ts";
import { PASSIVE } from "./record-definition.ts";
import type { BufferDefinition, Origin, RecordDefinition } from "./record-definition.ts";
import { Ring } from "./ring.ts";
import { SingleLatest } from "./single-latest.ts";
import { StageTimes } from "./stage-times.ts";

export class HostRecord {
  readonly definition: RecordDefinition;
  readonly id: number;
  readonly createdNs: bigint;
  readonly counters = new Counters();
  readonly buffer: Buffer;
  readonly stages: readonly StageTimes[];
  #lastWritten: Sample | undefined;
  #updatedNs: bigint | undefined;
  #lastTapped: Value | undefined;

  constructor(definition: RecordDefinition, id: number, createdNs: bigint) {
    this.definition = definition;
    this.id = id;
    this.createdNs = createdNs;
    this.buffer = createBuffer(definition.buffer, this.counters);
    this.stages = createStages(definition);
  }

  get key(): string {
    return this.definition.key;
  }

  get origin(): Origin {
    return this.definition.origin ?? PASSIVE;
  }

  get isRemote(): boolean {
    return this.definition.remoteAccess !== false;
  }

  /** Survives being consumed; AimX v1 hosts answer `record.get` from it. */
  get lastWritten(): Sample | undefined {
    return this.#lastWritten;
  }

  get updatedNs(): bigint | undefined {
    return this.#updatedNs;
  }

  /** What the application's own reader saw last. */
  get lastTapped(): Value | undefined {
    return this.#lastTapped;
  }

  write(value: Value, nowNs: bigint): Result<Sample, Misfit> {
    const decoded = decode(this.definition.shape, value);
    if (!decoded.ok) return decoded;
    const sample: Sample = {
      value: decoded.value,
      declared: declaredText(this.definition.shape, decoded.value),
      sorted: sortedText(decoded.value),
    };
    this.#lastWritten = sample;
    this.#updatedNs = nowNs;
    this.buffer.push(sample);
    return ok(sample);
  }

  tapped(sample: Sample): void {
    this.#lastTapped = sample.value;
  }
}

function createBuffer(definition: BufferDefinition, counters: Counters): Buffer {
  switch (definition.kind) {
    case "spmc_ring":
      return new Ring(definition.capacity, counters);
    case "single_latest":
      return new SingleLatest(counters);
    default:
      return new Mailbox(counters);
  }
}

function createStages({ origin, taps = 0 }: RecordDefinition): readonly StageTimes[] {
  const stages: StageTimes[] = [];
  if (origin?.kind === "source") stages.push(new StageTimes("source", 0));
  for (let index = 0; index < taps; index += 1) stages.push(new StageTimes("tap", index));
  if (origin?.kind === "transform") stages.push(new StageTimes("transform", 0));
  return stages;
}
