/**
 * Answers to calls that are about to be made: they were asked along with the question which relay has a record.
 */
import type { FleetCall, InstancesCall } from "#shared/fleet/calling-fleet.ts";
import type { CallResult } from "../../relay/rpc.ts";

export class AskedAhead {
  /** Each has been asked for once, even if its answer is a failure. */
  readonly #answers = new Map<string, CallResult>();
  #question = "";

  note(
    ahead: NonNullable<InstancesCall["ahead"]>,
    answers: ReadonlyMap<string, CallResult> = new Map(),
  ): void {
    this.#question = keyOf({ ...ahead, instance: "" });
    for (const [instance, answer] of answers) {
      this.#answers.set(keyOf({ ...ahead, instance }), answer);
    }
  }

  /** Whether the call was among those asked ahead, answered or not. */
  has(call: FleetCall): boolean {
    return this.#question !== "" && keyOf({ ...call, instance: "" }) === this.#question;
  }

  /** Each answer is taken once: a repeated call asks anew. Undefined if none was asked ahead. */
  take(call: FleetCall): CallResult | undefined {
    if (this.#answers.size === 0) return undefined;
    const key = keyOf(call);
    const answer = this.#answers.get(key);
    this.#answers.delete(key);
    return answer;
  }
}

function keyOf({ instance, method, params }: Omit<FleetCall, "deadlineMs">): string {
  return JSON.stringify([instance, method, params]);
}
