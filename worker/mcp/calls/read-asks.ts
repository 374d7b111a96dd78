/**
 * How often one read may still ask its device: three questions in all. An object asks twice if its link or the
 * host's connection broke off; after an object was reset, its successor asks once. Each read makes one of these.
 */
import type { Failure } from "#shared/failure.ts";
import type { Asks, Failed } from "../../relay/rpc.ts";
import { LOST } from "./lost-call.ts";

export class ReadAsks {
  readonly #left: Asks[];
  /** Why the last question had no answer: an object was reset, unless a failure says more. */
  #why: Failure = LOST;

  constructor(...left: Asks[]) {
    this.#left = left.length === 0 ? [2, 1] : left;
  }

  /** A question that was refused before the device received it uses nothing up. */
  async take<A extends { readonly ok: true }>(
    ask: (asks: Asks) => Promise<A | Failed>,
  ): Promise<A | Failed> {
    const asks = this.#left.shift();
    if (asks === undefined) return { ok: false, failure: this.#why };
    this.#why = LOST;
    const answer = await ask(asks);
    if (!answer.ok) this.#why = answer.failure;
    const isUnasked = !answer.ok && answer.outdated !== undefined && answer.wasAsked !== true;
    if (isUnasked) this.#left.unshift(asks);
    return answer;
  }
}
