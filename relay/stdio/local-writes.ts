/**
 * Writes of a local client: within the device's own rules, confirmed by the client's user or by the operator with
 * `aimdb-relay confirm`.
 */
import { failure, type Failure } from "#shared/failure.ts";
import type { AwaitingWrite, WriteReport, WriteRequest } from "#shared/fleet/fleet.ts";
import { formatInstanceId } from "#shared/instance-id.ts";
import { canonicalJson } from "#shared/json/json.ts";
import { METHODS, type Method } from "#shared/link/method.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Reply } from "#shared/link/request.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import { UNKNOWN_CALL } from "#shared/fleet/unknown.ts";
import type { Config } from "../config.ts";
import { InFlight } from "../in-flight.ts";
import type { DeviceWrites } from "../writes/device-writes.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** The relay's and the caller's name, since both are one process. */
export const LOCAL = "local";

const DEADLINE_MS = 30_000;
const BEGIN_WITHIN_MS = 25_000;

/** Far more than one client's session writes. */
const MAX_REMEMBERED = 1_000;

export interface LocalRequest {
  readonly instance: string;
  readonly method: Method;
  readonly params: unknown;
  readonly deadlineMs: number;
}

export interface LocalWritesOptions {
  readonly writes: DeviceWrites;
  readonly config: Pick<Config, "confirmWrites">;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly sessionMs: () => number;
  /** As a worker's call would be answered. */
  readonly ask: (id: string, request: LocalRequest) => Promise<Reply | undefined>;
}

interface Remembered {
  readonly instance: string;
  readonly record: string;
  readonly digest: string;
  readonly key: string | undefined;
  readonly report: WriteReport;
}

interface Asked {
  readonly digest: string;
  readonly report: Report;
}

type Report = Result<WriteReport, Failure>;

export class LocalWrites {
  readonly #options: LocalWritesOptions;
  /** By call id, oldest first. */
  readonly #remembered = new Map<string, Remembered>();
  /** Keyed by what makes two calls the same: a caller that repeats one before its answer must not write again. */
  readonly #underWay = new InFlight<Asked>();

  constructor(options: LocalWritesOptions) {
    this.#options = options;
  }

  async write(instance: string, write: WriteRequest): Promise<Report> {
    const digest = canonicalJson({ instance, record: write.record, value: write.value });
    const existing = write.isDryRun ? undefined : this.#existing(instance, write, digest);
    if (existing !== undefined) return existing;
    const { idempotencyKey: key } = write;
    if (key === undefined || write.isDryRun) return this.#ask(instance, write, digest);
    const asked = await this.#underWay.share(
      JSON.stringify([instance, write.record, key]),
      async () => ({ digest, report: await this.#ask(instance, write, digest) }),
    );
    return asked.digest === digest ? asked.report : err(OTHER_ARGUMENTS);
  }

  async #ask(instance: string, write: WriteRequest, digest: string): Promise<Report> {
    const id = this.#options.newId();
    const reply = await this.#options.ask(id, {
      instance,
      method: "record.set",
      params: this.#paramsOf(write),
      deadlineMs: DEADLINE_MS,
    });
    const report = this.#reportOf(id, { instance, write, outcome: outcomeOf(reply) });
    if (!write.isDryRun) this.#remember(id, { ...report, digest, key: write.idempotencyKey });
    return ok(report.report);
  }

  async answer(callId: string, accepted: boolean): Promise<Report> {
    const { writes } = this.#options;
    const id = localId(callId);
    if (!this.#remembered.has(id)) return err(UNKNOWN_CALL);
    if (accepted) await writes.approve(id, "client");
    else await writes.decline(id);
    return this.report(callId);
  }

  async report(callId: string): Promise<Report> {
    const id = localId(callId);
    const known = this.#remembered.get(id);
    if (known === undefined) return err(UNKNOWN_CALL);
    const { report } = known;
    if (report.status === "ended" && report.outcome.outcome !== "unknown") return ok(report);
    const [now] = await this.#options.writes.remember([id]);
    if (now?.state !== "ended" || now.outcome === undefined) return ok(report);
    const { outcome } = now;
    if (!("echo" in outcome) && !("code" in outcome)) return ok(report);
    const { callId: outer, instance, record } = report;
    const head = { callId: outer, instance, record, timestamp: this.#timestamp() };
    const ended: WriteReport = { ...head, status: "ended", outcome };
    this.#remembered.set(id, { ...known, report: ended });
    return ok(ended);
  }

  #existing(instance: string, write: WriteRequest, digest: string): Report | undefined {
    const { idempotencyKey: key, record, value } = write;
    const byKey =
      key === undefined
        ? undefined
        : [...this.#remembered.entries()].find(
            ([, known]) =>
              known.key === key && known.instance === instance && known.record === record,
          );
    if (byKey !== undefined && byKey[1].digest !== digest) return err(OTHER_ARGUMENTS);
    const waiting = this.#options.writes.waitingLike({ principal: LOCAL, instance, record, value });
    const known = byKey?.[1] ?? this.#remembered.get(waiting?.callId ?? "");
    return known === undefined ? undefined : ok(known.report);
  }

  #paramsOf({ record, value, expected, isDryRun, skipsValidation }: WriteRequest): object {
    return {
      record,
      value,
      not_after_ms: this.#options.sessionMs() + BEGIN_WITHIN_MS,
      ...(expected === undefined ? {} : { expected }),
      ...(isDryRun ? { dry_run: true } : {}),
      ...(skipsValidation ? { skip_validation: true } : {}),
    };
  }

  #reportOf(
    id: string,
    { instance, write, outcome }: { instance: string; write: WriteRequest; outcome: WriteOutcome },
  ): Omit<Remembered, "digest" | "key"> {
    const record = "record_key" in outcome ? outcome.record_key : write.record;
    const head = {
      callId: `${LOCAL}.${id}`,
      instance: formatInstanceId({ relay: LOCAL, name: instance }),
      record,
      timestamp: this.#timestamp(),
    };
    const by = this.#approver(write);
    const report = (): WriteReport => {
      switch (outcome.outcome) {
        case "checked": {
          const { current, warnings = [] } = outcome;
          const needs = this.#options.config.confirmWrites === "never" ? "nobody" : by;
          const held = current === undefined ? {} : { current };
          return { ...head, status: "checked", ...held, warnings, by: needs };
        }
        case "awaiting_local":
          return { ...head, ...this.#awaiting(write, outcome, by) };
        default:
          return { ...head, status: "ended", outcome };
      }
    };
    return { instance, record: write.record, report: report() };
  }

  #approver({ asks }: WriteRequest): "client" | "device" {
    return this.#options.config.confirmWrites === "always" && asks.form ? "client" : "device";
  }

  #awaiting(
    { value }: WriteRequest,
    {
      current,
      expires_in_ms = 0,
    }: Extract<WriteOutcome, { outcome: "checked" | "awaiting_local" }>,
    by: AwaitingWrite["by"],
  ): Pick<AwaitingWrite, "status" | "by" | "current" | "requested" | "expiresAt"> {
    return {
      status: "awaiting_confirmation",
      by,
      ...(current === undefined ? {} : { current }),
      requested: value,
      expiresAt: new Date(this.#options.nowMs() + expires_in_ms).toISOString(),
    };
  }

  #remember(id: string, write: Remembered): void {
    this.#remembered.set(id, write);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) {
      this.#remembered.delete(oldest);
    }
  }

  #timestamp(): string {
    return new Date(this.#options.nowMs()).toISOString();
  }
}

function localId(callId: string): string {
  return callId.startsWith(`${LOCAL}.`) ? callId.slice(LOCAL.length + 1) : "";
}

/** No reply: the process was told to end, and what was not sent was not begun. */
function outcomeOf(reply: Reply | undefined): WriteOutcome {
  if (reply === undefined) return unknownWrite("link_lost", "The server was told to end.");
  if (reply.err !== undefined) {
    const { err: code, message = "The relay refused.", details } = reply;
    return code === "internal"
      ? unknownWrite(code, message)
      : notWritten(failure(code, message, details));
  }
  const parsed = safeParse(METHODS["record.set"].result, reply.ok);
  return parsed.success ? parsed.data : unknownWrite("internal", "The relay failed.");
}

const OTHER_ARGUMENTS = failure(
  "idempotency_conflict",
  "This idempotency_key was used for another write. Nothing was written.",
);
