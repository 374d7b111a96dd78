/** How a fleet's instances are reached, in a test: answers from a list, and what was asked. */
import type { FleetAnswer, FleetCall, FleetCalls } from "#shared/fleet/calling-fleet.ts";
import type { DeskBatch, DrainedBatch } from "#shared/desk/desk-batch.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type {
  InstanceOverview,
  SubscriptionHandle,
  UnsubscribeStatus,
  WriteReport,
  WriteRequest,
} from "#shared/fleet/fleet.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/access/scope.ts";

export const SESSION_START_MS = Date.parse("2026-11-20T10:00:00.000Z");

const NOTHING = failure("internal", "The test gave no answer.");

export class PlayedCalls implements FleetCalls {
  readonly scopes: readonly Scope[] = ["aimdb:read"];
  readonly asked: FleetCall[] = [];
  /** The first is given next. */
  answers: Result<FleetAnswer, Failure>[] = [];
  readonly writes: unknown[] = [];
  written: Result<WriteReport, Failure> = err(NOTHING);
  batch: Result<DeskBatch, Failure> = err(NOTHING);
  drained: Result<DrainedBatch, Failure> = err(NOTHING);

  /** A minute into the session. */
  nowMs = (): number => SESSION_START_MS + 60_000;

  async instances(): Promise<InstanceOverview> {
    return { instances: [], skipped: [], failed: [], relayCount: 3 };
  }

  async call(call: FleetCall): Promise<Result<FleetAnswer, Failure>> {
    this.asked.push(call);
    return this.answers.shift() ?? err(NOTHING);
  }

  async write(instance: string, write: WriteRequest): Promise<Result<WriteReport, Failure>> {
    this.writes.push({ instance, ...write });
    return this.written;
  }

  async answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>> {
    this.writes.push({ callId, accepted });
    return this.written;
  }

  async writeReport(callId: string): Promise<Result<WriteReport, Failure>> {
    this.writes.push({ callId });
    return this.written;
  }

  async drain(): Promise<Result<DrainedBatch, Failure>> {
    return this.drained;
  }

  async subscribe(): Promise<Result<SubscriptionHandle, Failure>> {
    return ok({ id: "gw.1", recordKey: "sensor.temp" });
  }

  async readSubscription(): Promise<Result<DeskBatch, Failure>> {
    return this.batch;
  }

  async unsubscribe(): Promise<Result<UnsubscribeStatus, Failure>> {
    return ok("cancelled");
  }
}

export function answer(value: unknown): Result<FleetAnswer, Failure> {
  return ok({ value, sessionStartedAtMs: SESSION_START_MS });
}
