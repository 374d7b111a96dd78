/**
 * Writing one record, at most once. AimX can't tell a write that was lost from one that was done, so
 * nothing here is ever repeated, and what can't be known is called `unknown`.
 */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { isEchoOf } from "#shared/f32.ts";
import type { JsonValue } from "#shared/json.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import { RateLimit } from "../access/rate-limit.ts";
import { brokenLimit, needsCurrentValue } from "../access/write-limits.ts";
import { decideWrite, type WriteDecision } from "../access/write-policy.ts";
import type { CatalogView } from "./catalog.ts";
import type { InstanceContext } from "./context.ts";
import type { HostCallFailure, HostConnection } from "./host-connection.ts";
import { instanceDown, toFailure } from "./host-failure.ts";

export interface WriteRequest {
  readonly row: RecordRow;
  readonly value: JsonValue;
  readonly timeoutMs: number;
  /** Aborts when nobody waits any more: what is not sent by then is not sent at all. */
  readonly signal: AbortSignal;
}

type Allowed = Extract<WriteDecision, { writable: true }>;

export class Writer {
  readonly #context: InstanceContext;
  /** Per record one write at a time: bounds are checked against what the record holds. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #rates = new Map<string, RateLimit>();

  constructor(context: InstanceContext) {
    this.#context = context;
  }

  write(
    connection: HostConnection,
    view: CatalogView,
    request: WriteRequest,
  ): Promise<WriteOutcome> {
    const key = request.row.record_key;
    const before = this.#turns.get(key) ?? Promise.resolve();
    const done = before.then(() => this.#writeNow(connection, view, request));
    const turn = done.catch(() => {});
    this.#turns.set(key, turn);
    void turn.then(() => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    });
    return done;
  }

  async #writeNow(
    connection: HostConnection,
    view: CatalogView,
    { row, value, timeoutMs, signal }: WriteRequest,
  ): Promise<WriteOutcome> {
    const { name, config, catalog } = this.#context;
    const origin = view.graph?.origins.get(row.record_key);
    const decision = decideWrite(config, { instance: name, row, origin });
    if (!decision.writable) {
      const code = decision.refusedBy === "host" ? "refused_by_host" : "refused_by_device";
      return notWritten(failure(code, `The record is read-only. ${decision.reason}`));
    }
    const refusal =
      this.#overRate(row, decision) ??
      (await this.#brokenBound(connection, row, { decision, value, timeoutMs }));
    if (refusal !== undefined) return notWritten(refusal);
    if (signal.aborted)
      return notWritten(failure("link_lost", "The caller was gone before the write was sent."));

    const echo = await connection.request((d) => d.set(row.record_key, value), timeoutMs);
    catalog.invalidate();
    if (!echo.ok) return outcomeOfFailure(echo.error);
    return {
      outcome: "applied",
      record_key: row.record_key,
      echo: compare(echo.value.value, value),
    };
  }

  #overRate(row: RecordRow, { entries }: Allowed): Failure | undefined {
    const limits = entries.flatMap(({ max_per_minute }) => max_per_minute ?? []);
    if (limits.length === 0) return undefined;
    const nowMs = this.#context.clock.monotonicMs();
    const rate = this.#rates.get(row.record_key) ?? new RateLimit(Math.min(...limits), nowMs);
    this.#rates.set(row.record_key, rate);
    const waitMs = rate.take(nowMs);
    if (waitMs === 0) return undefined;
    return failure("rate_limited", "The device file limits how often this record may be written.", {
      retry_after_s: Math.ceil(waitMs / 1000),
    });
  }

  /** Read just before the set, on its connection: checked, though the application may write between. */
  async #brokenBound(
    connection: HostConnection,
    row: RecordRow,
    { decision, value, timeoutMs }: { decision: Allowed; value: JsonValue; timeoutMs: number },
  ): Promise<Failure | undefined> {
    let current: JsonValue | undefined;
    if (needsCurrentValue(decision.entries)) {
      const read = await connection.request((d) => d.get(row.record_key), timeoutMs);
      if (!read.ok && !isNoValue(read.error)) return toFailure(read.error);
      current = read.ok ? read.value : undefined;
    }
    const broken = brokenLimit(decision.entries, value, current);
    if (broken === undefined) return undefined;
    return failure("refused_by_device", `The device file refuses the value. ${broken}`);
  }
}

function isNoValue(callFailure: HostCallFailure): boolean {
  return callFailure.type === "host" && callFailure.error.code === "not_found";
}

const POLICY_CODES: ReadonlySet<string> = new Set([
  "refused_by_device",
  "refused_by_host",
  "rate_limited",
]);

function notWritten(reason: Failure): WriteOutcome {
  return { outcome: POLICY_CODES.has(reason.code) ? "refused" : "not_applied", ...reason };
}

function compare(echo: JsonValue | undefined, value: JsonValue): "same" | "differs" | "absent" {
  if (echo === undefined) return "absent";
  return isEchoOf(echo, value) ? "same" : "differs";
}

/** A host's answer proves that nothing was done; silence after a sent request proves nothing. */
function outcomeOfFailure(callFailure: HostCallFailure): WriteOutcome {
  switch (callFailure.type) {
    case "host":
      return notWritten(toFailure(callFailure));
    case "timeout":
      return unknown(
        "instance_slow",
        "The AimDB process took the write and did not answer in time.",
      );
    case "closed":
      return callFailure.sent
        ? unknown(
            "instance_down",
            "The connection to the AimDB process ended before it answered the write.",
          )
        : notWritten(instanceDown(callFailure.close));
  }
}

function unknown(code: "instance_slow" | "instance_down", what: string): WriteOutcome {
  const message = `${what} It may have been executed: read the record before writing again.`;
  return { outcome: "unknown", code, message };
}
