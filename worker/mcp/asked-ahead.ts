/** Answers to calls that are still to be made: the question who has a record took them along. */
import type { FleetCall, InstancesCall } from "#shared/calling-fleet.ts";
import type { CallResult } from "../relay/rpc.ts";

export class AskedAhead {
  /** One whose answer is none has been asked for once. */
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

  /** Whether the call was among them, answered or not. */
  has(call: FleetCall): boolean {
    return this.#question !== "" && keyOf({ ...call, instance: "" }) === this.#question;
  }

  /** Once: the next question is a new one. Undefined where none went ahead. */
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
