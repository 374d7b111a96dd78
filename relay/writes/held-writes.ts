/** Writes that wait for somebody at this device. In memory: a restart drops them, unwritten. */
import { failure, type Failure } from "#shared/failure.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Clock } from "../clock.ts";

export const HELD_FOR_MS = 10 * 60_000;

/** A person who is asked too often approves without checking. */
const MAX_HELD = 10;
const MAX_HELD_PER_PRINCIPAL = 3;

export interface HeldWrite {
  readonly callId: string;
  readonly principal: string;
  readonly instance: string;
  readonly record: string;
  readonly value: JsonValue;
  /** What the record held when it was asked; undefined if that is not known. */
  readonly current: JsonValue | undefined;
}

interface Held {
  readonly write: HeldWrite;
  readonly expiresAtMs: number;
  readonly cancel: () => void;
}

export interface ShownWrite extends HeldWrite {
  readonly expiresInMs: number;
}

export class HeldWrites {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `onExpired` is called if nobody takes it in time. */
  hold(write: HeldWrite, onExpired: () => void): Result<ShownWrite, Failure> {
    const ofPrincipal = this.list().filter(({ principal }) => principal === write.principal);
    if (this.#held.size >= MAX_HELD || ofPrincipal.length >= MAX_HELD_PER_PRINCIPAL) {
      return err(TOO_MANY);
    }
    const cancel = this.#clock.after(HELD_FOR_MS, () => {
      this.#held.delete(write.callId);
      onExpired();
    });
    const expiresAtMs = this.#clock.monotonicMs() + HELD_FOR_MS;
    this.#held.set(write.callId, { write, expiresAtMs, cancel });
    return ok({ ...write, expiresInMs: HELD_FOR_MS });
  }

  list(): ShownWrite[] {
    const nowMs = this.#clock.monotonicMs();
    return Array.from(this.#held.values(), ({ write, expiresAtMs }) => ({
      ...write,
      expiresInMs: Math.max(0, expiresAtMs - nowMs),
    }));
  }

  has(callId: string): boolean {
    return this.#held.has(callId);
  }

  /** Once: the taker decides what becomes of it. */
  take(callId: string): HeldWrite | undefined {
    const held = this.#held.get(callId);
    if (held === undefined) return undefined;
    this.#held.delete(callId);
    held.cancel();
    return held.write;
  }

  clear(): void {
    for (const { cancel } of this.#held.values()) cancel();
    this.#held.clear();
  }

  /** Asking again for a waiting write is not a second question. */
  like({
    principal,
    instance,
    record,
    value,
  }: Omit<HeldWrite, "callId" | "current">): ShownWrite | undefined {
    const text = JSON.stringify(value);
    return this.list().find(
      (held) =>
        held.principal === principal &&
        held.instance === instance &&
        held.record === record &&
        JSON.stringify(held.value) === text,
    );
  }
}

const TOO_MANY = failure(
  "too_many_pending",
  "Too many writes wait for a person already. Nothing was written; wait until some are decided.",
);
