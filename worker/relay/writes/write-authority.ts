/** What the team says about a write: whether it is allowed, and its log. */
import { failure, type Failure } from "#shared/failure.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { WriteEntry } from "../../access/audit-entry.ts";
import { within } from "../../after.ts";
import type { Env } from "../../env.ts";
import { logEvent } from "../../log.ts";
import { readTwice } from "../../read-twice.ts";
import type {
  BegunWrite,
  PendingWrite,
  WriteAsker,
  WriteBegin,
  WriteRights,
} from "../../team/rpc.ts";
import { teamOf } from "../../team/stub.ts";

/** A team that takes longer counts as unreachable: nothing is sent once nobody waits. */
const ASKED_WITHIN_MS = 5_000;

interface Beginning {
  readonly begin: WriteBegin;
  readonly settle: (begun: Result<BegunWrite, Failure>) => void;
}

export class WriteAuthority {
  readonly #env: Pick<Env, "TEAM">;
  readonly #team: string;
  #beginnings: Beginning[] = [];

  constructor(env: Pick<Env, "TEAM">, team: string) {
    this.#env = env;
    this.#team = team;
  }

  rights(asker: WriteAsker, call: string): Promise<Result<WriteRights, Failure>> {
    const ask = async () => this.#object?.writeRights(asker, Date.now());
    const read = () => readTwice(ask, { call });
    return answered(read, NO_POLICY);
  }

  /**
   * A write that is not in the team's log does not happen. Those of one turn share one question, and one commit
   * there.
   */
  begin(begin: WriteBegin): Promise<Result<BegunWrite, Failure>> {
    return new Promise((settle) => {
      this.#beginnings.push({ begin, settle });
      if (this.#beginnings.length === 1) queueMicrotask(() => void this.#beginAll());
    });
  }

  /** Rejects if they could not be stored. */
  async auditOutcomes(outcomes: WriteEntry[]): Promise<void> {
    await this.#object?.endWrites(outcomes);
  }

  reservePending(write: PendingWrite): Promise<Result<boolean, Failure>> {
    return answered(async () => this.#object?.reservePending(write), NO_POLICY);
  }

  async releasePending(callId: string): Promise<void> {
    await this.#object?.releasePending(callId);
  }

  async #beginAll(): Promise<void> {
    const beginnings = this.#beginnings;
    this.#beginnings = [];
    const begins = beginnings.map(({ begin }) => begin);
    const begun = await answered(async () => this.#object?.beginWrites(begins), NO_AUDIT);
    for (const [i, { settle }] of beginnings.entries()) {
      const one = begun.ok ? begun.value[i] : undefined;
      settle(one === undefined ? err(NO_AUDIT) : ok(one));
    }
  }

  get #object(): ReturnType<typeof teamOf> {
    return teamOf(this.#env, this.#team);
  }
}

const NO_POLICY = failure(
  "policy_unavailable",
  "The team's rules can't be read just now, so nothing was written. Try again.",
  { retry_after_s: 1 },
);
const NO_AUDIT = failure(
  "audit_unavailable",
  "The team's log can't be written, so nothing was changed. Try again.",
);

async function answered<T>(
  ask: () => Promise<T | null | undefined>,
  otherwise: Failure,
): Promise<Result<T, Failure>> {
  try {
    const answer = await within(ASKED_WITHIN_MS, ask());
    return answer === null || answer === undefined ? err(otherwise) : ok(answer);
  } catch (error) {
    logEvent("error", "team_object_lost", { reason: String(error) });
    return err(otherwise);
  }
}
