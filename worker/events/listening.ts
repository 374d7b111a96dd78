/** What a stream asks for, as its principal; nothing more is asked once the team turns that one away. */
import { MALFORMED } from "#shared/desk/desk-call.ts";
import type { Failure } from "#shared/failure.ts";
import { METHODS, type Params } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { allows } from "#shared/access/scope.ts";
import { onBehalf, type Principal } from "../auth/principal.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { WorkerCalls } from "../mcp/calls/worker-calls.ts";
import { readTwice } from "../read-twice.ts";
import type { HeardEvents, OpenedEvents } from "../team/events/events-rpc.ts";
import { teamOf } from "../team/stub.ts";
import type { Answered } from "./follow-instance.ts";

/** On top of the wait itself, for the relay to answer. */
const MARGIN_MS = 5_000;

export interface ListeningParts {
  readonly env: Env;
  readonly principal: Principal;
  /** Identifies the stream. */
  readonly stream: string;
  /** Asks the team again; undefined: the token is no longer valid. */
  readonly readmit: () => Promise<Principal | undefined>;
}

export class Listening {
  readonly #parts: ListeningParts;
  readonly #calls: WorkerCalls;
  #principal: Principal;
  /** Not reported to the team yet. */
  #bytes = 0;

  constructor(parts: ListeningParts) {
    this.#parts = parts;
    this.#principal = parts.principal;
    this.#calls = new WorkerCalls(parts.env, parts.principal, () => this.#renew());
  }

  async stillAllowed(): Promise<boolean> {
    return (await this.#renew()) !== undefined;
  }

  /** The principal as the team last stated it. */
  get principal(): Principal {
    return this.#principal;
  }

  /** The reader has taken this many bytes. The team is told with the next question. */
  sent(bytes: number): void {
    this.#bytes += bytes;
  }

  async open(resumes: string | null, after: number | null): Promise<OpenedEvents> {
    const { stream } = this.#parts;
    return this.#asTeamKnows((team) =>
      team.openEvents({ holder: this.#principal, stream, resumes, after }),
    );
  }

  /** Undefined if the team's object could not be reached. */
  async hear(after: number, waitMs: number): Promise<HeardEvents | undefined> {
    const { stream } = this.#parts;
    try {
      return await this.#asTeamKnows((team) =>
        team.hearEvents({ ...this.#reported(stream), after, waitMs }),
      );
    } catch (error) {
      logEvent("error", "team_object_lost", { reason: String(error) });
      return undefined;
    }
  }

  /** Frees the stream's place; if the team can't be told, it notices by itself. */
  async leave(): Promise<void> {
    const { env, stream } = this.#parts;
    try {
      await teamOf(env, this.#principal.team)?.leaveEvents(this.#reported(stream));
    } catch (error) {
      logEvent("warn", "team_object_lost", { reason: String(error) });
    }
  }

  async watch(
    instance: string,
    params: Params<"samples.watch">,
  ): Promise<Result<Answered, Failure>> {
    const deadlineMs = params.wait_ms + MARGIN_MS;
    const method = "samples.watch";
    const answer = await this.#calls.call({ instance, method, params, deadlineMs });
    if (!answer.ok) return answer;
    const { value, sessionStartedAtMs } = answer.value;
    const watched = safeParse(METHODS[method].result, value);
    return watched.success ? ok({ watched: watched.data, sessionStartedAtMs }) : err(MALFORMED);
  }

  /** If what is known of the principal is outdated it is asked for again, once; then the team's answer stands. */
  async #asTeamKnows<T extends { readonly type: string }>(
    ask: (
      team: NonNullable<ReturnType<typeof teamOf>>,
    ) => Promise<T | { readonly type: "outdated" }>,
  ): Promise<T | { readonly type: "outdated" }> {
    const asked = () =>
      readTwice(async () => {
        const team = teamOf(this.#parts.env, this.#principal.team);
        return team === undefined ? OUTDATED : ask(team);
      });
    const first = await asked();
    if (first.type !== "outdated") return first;
    return (await this.#renew()) === undefined ? OUTDATED : asked();
  }

  /** Reported once: a repeated question may have been counted already. */
  #reported(stream: string) {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return { holder: this.#principal, stream, bytes };
  }

  async #renew(): Promise<Principal | undefined> {
    const renewed = await this.#parts.readmit();
    if (renewed === undefined || !isReader(renewed)) return undefined;
    this.#principal = onBehalf(renewed, this.#principal);
    return this.#principal;
  }
}

export function isReader({ scopes }: Pick<Principal, "scopes">): boolean {
  return allows(scopes, "aimdb:read");
}

const OUTDATED = { type: "outdated" } as const;
